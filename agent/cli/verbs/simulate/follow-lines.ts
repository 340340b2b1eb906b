import { createInterface } from "node:readline";
import { aborted } from "../../../../config/base/deadline.ts";
import type { Face } from "../../face/face.ts";
import { harmless } from "../../face/width.ts";
import { simulateWords } from "../../text/simulate/help.ts";

export type Followed = "done" | "not-understood" | "quit";

/**
 * Follows the lines of stdin until one is `quit`, or SIGINT or SIGTERM comes. When stdin ends it goes on: a script
 * may have no more to say.
 */
export async function followLines(face: Face, follow: (line: string) => Promise<Followed>): Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = () => stopping.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    for await (const line of createInterface({ input: process.stdin, signal })) {
      if (line.trim() === "") continue;
      const followed = await follow(line);
      if (followed === "quit") return;
      if (followed === "not-understood")
        face.tell(face.say(simulateWords.notUnderstood, { line: harmless(line) }));
    }
    if (!signal.aborted) await aborted(signal);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    process.stdin.destroy();
  }
}
