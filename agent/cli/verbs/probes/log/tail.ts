import { systemClock } from "../../../../../config/base/clock.ts";
import { type LogLine, readLogLine } from "../../../../probes/log/entry.ts";
import { type LogWishes, logFilter } from "../../../../probes/log/filter.ts";
import { readLog, readStream } from "../../../../probes/log/log-source.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { untilStopped } from "../../until-stopped.ts";
import { logText } from "./log-text.ts";

export interface TailOptions extends LogWishes {
  lines: number;
  follow?: boolean;
  json?: boolean;
}

/**
 * Shows the end of a log. Of a file the last lines, and with `--follow` what is written from then on; of what is
 * piped in everything, for its end may never come.
 */
export async function tail(face: Face, file: string | undefined, options: TailOptions): Promise<ExitCode> {
  const isWanted = logFilter(options, systemClock.utcMs());
  const show = (line: LogLine) => {
    if (options.json === true) face.printJsonLine(line);
    else face.print(logText(face, line));
  };
  await untilStopped(face, async (signal) => {
    if (file === undefined || file === "-") {
      const onLine = (text: string) => {
        const line = readLogLine(text);
        if (isWanted(line)) show(line);
      };
      return await readStream(process.stdin, onLine, signal);
    }
    const last = new LastLines(options.lines, show);
    const onLine = (text: string) => {
      const line = readLogLine(text);
      if (isWanted(line)) last.add(line);
    };
    const listener = { onLine, onCaughtUp: () => last.showAll() };
    await readLog(file, listener, { follow: options.follow === true, clock: systemClock, signal });
  });
  return 0;
}

/** Holds the last lines until they are shown; from then on each is shown as it comes. */
class LastLines {
  readonly #most: number;
  readonly #show: (line: LogLine) => void;
  #held: LogLine[] | null = [];

  constructor(most: number, show: (line: LogLine) => void) {
    this.#most = most;
    this.#show = show;
  }

  add(line: LogLine): void {
    if (this.#held === null) this.#show(line);
    else {
      this.#held.push(line);
      // not one by one: a long log would move its lines about each time
      if (this.#held.length >= 2 * this.#most) this.#held = this.#held.slice(-this.#most);
    }
  }

  showAll(): void {
    for (const line of this.#held?.slice(-this.#most) ?? []) this.#show(line);
    this.#held = null;
  }
}
