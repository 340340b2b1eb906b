import * as v from "valibot";

/** The datagrams of a docked recorder that runs our own agent: docs/docking-port.md. */

export const DOCKING_PORT = 7947;
/** No datagram is larger: it fits the least MTU of IPv6, 1,280 bytes, in one piece. */
export const MAX_DATAGRAM_BYTES = 1200;

const NONCE = /^[0-9a-f]{32}$/;

const ask = v.strictObject({
  v: v.literal(1),
  ask: v.literal("status"),
  nonce: v.pipe(v.string(), v.regex(NONCE)),
});

const line = (most: number) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(most), v.regex(/^[^\p{Cc}\p{Cs}]*$/u));
const count = () => v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const answer = v.object({
  v: v.literal(1),
  nonce: v.pipe(v.string(), v.regex(NONCE)),
  dev: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  serial: line(64),
  model: line(64),
  /** Version of the program. */
  agent: line(64),
  /** The newest checkpoint, a signed note; without cosignatures where they would not fit. */
  checkpoint: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
  battery_pct: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(100))),
  charging: v.exactOptional(v.boolean()),
  recording: v.boolean(),
  /** Evidence that is not at the receiver yet, and the age of the oldest. */
  backlog_entries: count(),
  backlog_bytes: count(),
  oldest_ms: count(),
  free_bytes: count(),
  /** Codes; those that do not fit are left out. */
  alarms: v.pipe(v.array(line(64)), v.maxLength(16)),
  utc_ms: count(),
  /** What set the clock. */
  clock_src: v.picklist(["none", "rtc", "ntp", "gnss", "dock"]),
});

export type DockingAnswer = v.InferOutput<typeof answer>;
/** What a recorder tells of itself; the rest of an answer is the question's. */
export type DockingStatus = Omit<DockingAnswer, "v" | "nonce">;

export function encodeAsk(nonce: string): Buffer {
  return Buffer.from(JSON.stringify({ v: 1, ask: "status", nonce }));
}

/** The nonce of a question; null: none of ours. */
export function parseAsk(datagram: Uint8Array): string | null {
  const parsed = v.safeParse(ask, json(datagram));
  return parsed.success ? parsed.output.nonce : null;
}

/** An answer that fits a datagram: too many cosignatures go first, then alarms, the last ones first. */
export function encodeAnswer(nonce: string, status: DockingStatus): Buffer {
  let fitting = { ...status, alarms: status.alarms.slice(0, 16) };
  for (;;) {
    const datagram = Buffer.from(JSON.stringify({ v: 1, nonce, ...fitting }));
    if (datagram.length <= MAX_DATAGRAM_BYTES) return datagram;
    const signedOnly = withoutCosignatures(fitting.checkpoint);
    if (signedOnly !== fitting.checkpoint) fitting = { ...fitting, checkpoint: signedOnly };
    else if (fitting.alarms.length > 0) fitting = { ...fitting, alarms: fitting.alarms.slice(0, -1) };
    else return datagram.subarray(0, 0);
  }
}

/** The note with its first signature line alone, the device's own. */
function withoutCosignatures(note: string): string {
  const block = note.indexOf("\n\n") + 2;
  return note.slice(0, note.indexOf("\n", block) + 1);
}

/** null: too large, or not of the shape above, or its checkpoint is of another device. Unknown fields are ignored. */
export function parseAnswer(datagram: Uint8Array): DockingAnswer | null {
  if (datagram.length > MAX_DATAGRAM_BYTES) return null;
  const parsed = v.safeParse(answer, json(datagram));
  if (!parsed.success || checkpointSize(parsed.output) === null) return null;
  return parsed.output;
}

/** Entries that the checkpoint of an answer covers; null: it is not a checkpoint of `dev` (ledger-format §6). */
export function checkpointSize({ checkpoint, dev }: DockingAnswer): number | null {
  const [origin, size = ""] = checkpoint.split("\n", 2);
  return origin === `fulltrace/${dev}` && /^(0|[1-9][0-9]{0,15})$/.test(size) ? Number(size) : null;
}

function json(datagram: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(datagram).toString());
  } catch {
    return undefined;
  }
}
