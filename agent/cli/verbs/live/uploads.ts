import type { ControlResults } from "../../../control/protocol.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { pairs, table } from "../../face/table.ts";
import { bytesText, durationText, momentText } from "../../face/units.ts";
import { uploadWords as say } from "../../text/uploads.ts";
import { recordingOf } from "../records/activity/ids.ts";
import { ask, type LiveOptions } from "./ask.ts";
import { heldText, policyLine } from "./policy-line.ts";

type Queue = ControlResults["sync.queue"];

/** Tells what waits, in order, and why. */
export async function queue(
  face: Face,
  { limit, ...options }: LiveOptions & { limit: number },
): Promise<ExitCode> {
  await ask(face, options, "sync.queue", { limit }, (told) => lines(face, told).join("\n"));
  return 0;
}

export async function pause(
  face: Face,
  { minutes, ...options }: LiveOptions & { minutes: number },
): Promise<ExitCode> {
  await ask(face, options, "sync.pause", { minutes }, ({ until_ms: until }) =>
    face.say(say.pausedUntil, { time: momentText(until) }),
  );
  return 0;
}

export async function now(
  face: Face,
  { minutes, ...options }: LiveOptions & { minutes: number },
): Promise<ExitCode> {
  await ask(face, options, "sync.now", { minutes }, ({ until_ms: until }) =>
    face.say(say.nowUntil, { time: momentText(until) }),
  );
  return 0;
}

export async function resume(face: Face, options: LiveOptions): Promise<ExitCode> {
  await ask(face, options, "sync.resume", {}, () => face.say(say.resumed));
  return 0;
}

/** Throws `recording-unknown` or `recording-ambiguous`. */
export async function first(face: Face, start: string, options: LiveOptions): Promise<ExitCode> {
  const rec = await recordingOf(face, options, start);
  await ask(face, options, "sync.first", { rec }, () => face.say(say.movedFirst, { rec }));
  return 0;
}

function lines(face: Face, { policy, queue: waiting, more }: Queue): string[] {
  const rows = waiting.map(({ rec, files, bytes, first: isFirst, held, eta_ms: eta }) => [
    rec?.slice(0, 8) ?? face.say(say.documents),
    String(files),
    bytesText(bytes),
    eta === undefined ? "–" : durationText(eta),
    [...(isFirst ? [face.say(say.first)] : []), ...(held === undefined ? [] : [heldText(face, held)])].join(
      ", ",
    ),
  ]);
  const heads = [say.recording, say.files, say.size, say.when, say.why].map((title, i) => ({
    title: face.say(title),
    side: i > 0 && i < 4 ? ("right" as const) : ("left" as const),
  }));
  return [
    ...pairs([[face.say(say.policy), policyLine(face, policy)]]),
    ...(rows.length === 0 ? [face.say(say.none)] : table(heads, rows)),
    ...(more ? [face.say(say.more)] : []),
  ];
}
