import { underDeadline } from "../../../config/base/deadline.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { ProcessClient } from "../../../config/threads/process-rpc.ts";
import {
  type BatteryLevel,
  type BayLamp,
  type ByteSource,
  type Capability,
  type DriverName,
  type Listed,
  MAX_LISTED,
  type RecorderDriver,
  type RecorderFile,
  type RecorderIdentity,
  type Wearer,
} from "../../recorders/recorder-driver.ts";
import { readSocketSource } from "./data/data-client.ts";
import type { RecorderOptions } from "./driver-table.ts";
import type { Askable, OpenedRecorder, UsbProcessEvent, UsbProcessOperations } from "./usb-messages.ts";

/** Longer than any driver takes for one call with all its attempts; then it counts as silent. */
const CALL_TIMEOUT_MS = 90_000;

export type UsbProcessClient = ProcessClient<UsbProcessOperations, UsbProcessEvent>;

/** Numbers the calls of all recorders of one process, so that each can be cancelled. */
let lastCall = 0;

/** A driver that runs in the USB process. Whatever ends that process, its calls fail with `recorder-gone`. */
export class RemoteRecorder implements RecorderDriver {
  readonly name: DriverName;
  readonly capabilities: ReadonlySet<Capability>;
  readonly #process: UsbProcessClient;
  readonly #link: string;
  readonly #socket: string;
  readonly #onClosed: () => void;
  #lastListing = 0;

  private constructor(
    client: UsbProcessClient,
    { link, name, capabilities }: OpenedRecorder,
    { socket, onClosed }: { socket: string; onClosed: () => void },
  ) {
    this.#onClosed = onClosed;
    this.name = name;
    this.capabilities = new Set(capabilities);
    this.#process = client;
    this.#link = link;
    this.#socket = socket;
  }

  static async open(
    client: UsbProcessClient,
    request: { insertion: number; options: RecorderOptions; socket: string; onClosed: () => void },
    signal: AbortSignal,
  ): Promise<RemoteRecorder> {
    const opened = await cancellable(client, signal, (call) => {
      const made = client.call("open", [call, request.insertion, request.options]);
      // who does not wait for it any more does not leave it open
      const late = ({ link }: OpenedRecorder): void => {
        if (signal.aborted) void client.call("closeRecorder", [link]).catch(() => {});
      };
      made.then(late, () => {});
      return made;
    });
    return new RemoteRecorder(client, opened, request);
  }

  identify(signal: AbortSignal): Promise<RecorderIdentity> {
    return this.#ask("identify", [], signal) as Promise<RecorderIdentity>;
  }

  battery(signal: AbortSignal): Promise<BatteryLevel> {
    return this.#ask("battery", [], signal) as Promise<BatteryLevel>;
  }

  readClock(signal: AbortSignal): Promise<number> {
    return this.#ask("readClock", [], signal) as Promise<number>;
  }

  async setClock(utcMs: number, signal: AbortSignal): Promise<void> {
    await this.#ask("setClock", [utcMs], signal);
  }

  readWearer(signal: AbortSignal): Promise<Wearer> {
    return this.#ask("readWearer", [], signal) as Promise<Wearer>;
  }

  async writeWearer(wearer: Wearer, signal: AbortSignal): Promise<void> {
    await this.#ask("writeWearer", [wearer], signal);
  }

  async *list(signal: AbortSignal): AsyncGenerator<Listed, void, void> {
    const listing = ++this.#lastListing;
    let count = 0;
    let ended = false;
    try {
      while (!ended) {
        const page = await cancellable(this.#process, signal, (call) =>
          this.#process.call("listPage", [call, this.#link, listing]),
        );
        ended = page.done;
        count += page.listed.length;
        if (count > MAX_LISTED) throw new AgentError("recorder-listing", `more than ${MAX_LISTED}`);
        yield* page.listed;
      }
    } finally {
      if (!ended) void this.#process.call("endListing", [this.#link, listing]).catch(() => {});
    }
  }

  sourceOf(file: RecorderFile): ByteSource | null {
    if (!this.capabilities.has("files")) return null;
    return { kind: "socket", socket: this.#socket, link: this.#link, file };
  }

  read(
    file: RecorderFile,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    const source = { kind: "socket", socket: this.#socket, link: this.#link, file } as const;
    return readSocketSource(source, offset, length, signal);
  }

  async remove(file: RecorderFile, signal: AbortSignal): Promise<void> {
    await this.#ask("remove", [file], signal);
  }

  async showLamp(lamp: BayLamp, signal: AbortSignal): Promise<void> {
    await this.#ask("showLamp", [lamp], signal);
  }

  async restart(signal: AbortSignal): Promise<void> {
    await this.#ask("restart", [], signal);
  }

  async switchToDisk(signal: AbortSignal): Promise<void> {
    await this.#ask("switchToDisk", [], signal);
  }

  async close(): Promise<void> {
    const closed = this.#process.call("closeRecorder", [this.#link]);
    const forEver = new AbortController().signal;
    // where nobody answers, the link may be open still
    await underDeadline(forEver, CALL_TIMEOUT_MS, (limited) => until(closed, limited)).then(
      this.#onClosed,
      () => {},
    );
  }

  #ask(method: Askable, args: unknown[], signal: AbortSignal): Promise<unknown> {
    return cancellable(this.#process, signal, (call) =>
      this.#process.call("ask", [call, this.#link, method, args]),
    );
  }
}

/** One call that the signal ends here at once, and in the process soon. */
async function cancellable<T>(
  client: UsbProcessClient,
  signal: AbortSignal,
  make: (call: number) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const call = ++lastCall;
  return await underDeadline(signal, CALL_TIMEOUT_MS, async (limited) => {
    try {
      return await until(make(call), limited);
    } catch (error) {
      if (!limited.aborted) throw asRecorderGone(error);
      void client.call("cancel", [call]).catch(() => {});
      signal.throwIfAborted();
      throw new AgentError("recorder-silent", `no answer in ${CALL_TIMEOUT_MS} ms`, { cause: error });
    }
  });
}

/** Rejects with the signal's reason if that comes first. */
async function until<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** The end of the process is the end of the recorder's link, not more. */
function asRecorderGone(error: unknown): unknown {
  if (!(error instanceof AgentError)) return error;
  const processGone = error.code.startsWith("process-") || error.code.startsWith("usb-process-");
  return processGone ? new AgentError("recorder-gone", error.place, { cause: error }) : error;
}
