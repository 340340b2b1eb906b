import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { dockWords } from "../../text/dock/words.ts";
import { ask, given, type LiveOptions } from "../live/ask.ts";

/** What a person tells the dock about one bay, or about the recorder in it. */

export async function first(
  face: Face,
  bay: string,
  path: string | undefined,
  options: LiveOptions,
): Promise<ExitCode> {
  await ask(face, options, "dock.first", { bay, ...given({ path }) }, ({ serial }) =>
    face.say(dockWords.first, { serial }),
  );
  return 0;
}

export async function wipe(face: Face, bay: string, options: LiveOptions): Promise<ExitCode> {
  await ask(face, options, "dock.wipe", { bay }, ({ serial }) => face.say(dockWords.wipeOrdered, { serial }));
  return 0;
}

export async function wearer(face: Face, bay: string, id: string, options: LiveOptions): Promise<ExitCode> {
  await ask(face, options, "dock.wearer", { bay, wearer: id }, (told) =>
    face.say(dockWords.wearerTold, told),
  );
  return 0;
}

export async function handOut(face: Face, bay: string, id: string, options: LiveOptions): Promise<ExitCode> {
  await ask(face, options, "dock.hand-out", { bay, wearer: id }, (told) =>
    face.say(dockWords.handedOut, told),
  );
  return 0;
}
