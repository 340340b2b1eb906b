import type { HeldBack, ToldPolicy } from "../../../control/methods/upload-methods.ts";
import type { Face } from "../../face/face.ts";
import { bytesText, momentText } from "../../face/units.ts";
import type { Phrase } from "../../text/phrase.ts";
import { uploadWords as say } from "../../text/uploads.ts";

const MEDIA: Readonly<Record<ToldPolicy["media"], Phrase>> = {
  none: say.mediaNone,
  marked: say.mediaMarked,
  linked: say.mediaLinked,
  all: say.mediaAll,
};
const HELD: Readonly<Record<HeldBack, Phrase>> = {
  paused: say.heldPaused,
  network: say.heldNetwork,
  hours: say.heldHours,
  "daily-volume": say.heldVolume,
};

/** The upload policy of the moment, on one line. */
export function policyLine(face: Face, policy: ToldPolicy): string {
  const { network, media, held, rate_bytes_s: rate, daily_bytes: most, sent_today: sent = 0 } = policy;
  const { paused_until_ms: paused, now_until_ms: now } = policy;
  const parts = [face.say(say.rule, { network, media: face.say(MEDIA[media]) })];
  if (rate !== undefined) parts.push(face.say(say.rate, { rate: bytesText(rate) }));
  if (most !== undefined) parts.push(face.say(say.today, { sent: bytesText(sent), most: bytesText(most) }));
  if (now !== undefined) parts.push(face.say(say.nowUntil, { time: momentText(now) }));
  if (paused !== undefined) parts.push(face.say(say.pausedUntil, { time: momentText(paused) }));
  else if (held !== undefined) parts.push(heldText(face, held));
  return parts.join(", ");
}

export function heldText(face: Face, held: HeldBack): string {
  return face.say(HELD[held]);
}
