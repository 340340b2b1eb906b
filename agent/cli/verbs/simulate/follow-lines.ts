import { createInterface } from "node:readline";
import { aborted } from "../../../../config/base/deadline.ts";
import type { Face } from "../../face/face.ts";
import { harmless } from "../../face/width.ts";
import { simulateWords } from "../../text/simulate/help.ts";
import { untilStopped } from "../until-stopped.ts";

export type Followed = "done" | "not-understood" | "quit";

/**
 * Follows the lines of stdin until one is `quit`, or SIGINT or SIGTERM comes. When stdin ends it goes on: a script
 * may have no more to say.
 */
export async function followLines(face: Face, follow: (line: string) => Promise<Followed>): Promise<void> {
  await untilStopped(face, async (signal) => {
    for await (const line of createInterface({ input: process.stdin, signal })) {
      if (line.trim() === "") continue;
      const followed = await follow(line);
      if (followed === "quit") return;
      if (followed === "not-understood")
        face.tell(face.say(simulateWords.notUnderstood, { line: harmless(line) }));
    }
    if (!signal.aborted) await aborted(signal);
  }).finally(() => process.stdin.destroy());
}
