import { AgentError } from "../../../../config/base/errors.ts";
import { callAgent } from "../../../control/client.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { bytesText, durationText } from "../../face/units.ts";
import { words } from "../../text/words.ts";
import { dataDirOf } from "../target.ts";
import { ANSWER_MS, ask, given, type LiveOptions } from "./ask.ts";

/** The recording goes on through the post-event time, of at most 10 minutes. */
const STOPPED_MS = 600_000 + ANSWER_MS;

export interface StartOptions extends LiveOptions {
  trigger?: string;
  wearer?: string;
  activity?: string;
  stage?: string;
}

/** Starts a recording, and then says which stage it is of: a stage that nobody knows must not cost the recording. */
export async function start(face: Face, options: StartOptions): Promise<ExitCode> {
  const { trigger, wearer, activity, stage } = options;
  if (stage !== undefined && activity === undefined)
    throw new AgentError("misuse", "a stage without its activity", { next: "--activity ID" });
  const { rec } = await ask(face, options, "record.start", given({ trigger, wearer, activity }), (started) =>
    face.say(words.recordingStarted, started),
  );
  if (activity !== undefined && stage !== undefined) {
    const dataDir = await dataDirOf(face, options);
    await callAgent(
      dataDir,
      "activity.link",
      { activity, rec, stage, basis: "stated" },
      { timeoutMs: ANSWER_MS },
    );
  }
  return 0;
}

export async function stop(face: Face, options: LiveOptions & { reason?: string }): Promise<ExitCode> {
  await ask(
    face,
    options,
    "record.stop",
    given({ reason: options.reason }),
    ({ rec, chunks, bytes }) => face.say(words.recordingStopped, { rec, chunks, bytes: bytesText(bytes) }),
    STOPPED_MS,
  );
  return 0;
}

export async function mark(
  face: Face,
  label: string,
  options: LiveOptions & { by?: string },
): Promise<ExitCode> {
  await ask(face, options, "record.mark", given({ label, by: options.by }), ({ rec, at_us }) =>
    face.say(words.marked, { rec, at: durationText(at_us / 1000) }),
  );
  return 0;
}

export async function photo(face: Face, options: LiveOptions & { by?: string }): Promise<ExitCode> {
  await ask(face, options, "record.photo", given({ by: options.by }), ({ digest, bytes }) =>
    face.say(words.photoTaken, { digest, bytes: bytesText(bytes) }),
  );
  return 0;
}

export async function mute(face: Face, isMuted: boolean, options: LiveOptions): Promise<ExitCode> {
  await ask(face, options, "record.mute", { muted: isMuted }, ({ muted }) =>
    face.say(muted ? words.mutedNow : words.unmutedNow),
  );
  return 0;
}
