import { sha256 } from "../../../crypto/bytes/digest.ts";
import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import type { GapReason } from "../../../crypto/entry/ledger-types.ts";
import type { AppendableBody } from "../../../crypto/entry/types.ts";
import type { SigningKey } from "../../../crypto/keys/ed25519.ts";
import type { LedgerStore } from "../../../crypto/ledger/db/store.ts";
import { signReceipt } from "../../../crypto/proof/receipt.ts";
import type { MadeEntry } from "../ledger/make-ledger.ts";

/** How one recorder is used, day after day. */
export interface Work {
  dev: string;
  /** First local midnight, ms. */
  fromMs: number;
  days: number;
  officers: readonly string[];
  kinds: readonly string[];
  recordingsADay: number;
  chunksEach: number;
  custody: SigningKey;
  receiver: string;
  /** Says how one day differs from another; the same seed, the same days. */
  seed: number;
}

const CHUNK_MS = 2000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CHUNK_BYTES = 1_000_000;
const CAUSES: readonly GapReason[] = ["muted", "frames-lost", "camera-lost", "encoder-stalled", "power-loss"];

/** Entries and receipts of a recorder's working days: recordings with chunks, gaps, activities and their close. */
export function* workingDays(work: Work): Generator<MadeEntry> {
  const chance = chanceOf(work.seed);
  let receiptedTo = 0;
  for (let day = 0; day < work.days; day++) {
    const dayMs = work.fromMs + day * DAY_MS;
    const isRestDay = day % 7 === 5;
    const count = isRestDay ? Math.ceil(work.recordingsADay / 4) : work.recordingsADay;
    for (let i = 0; i < count; i++) {
      const startMs = dayMs + 9 * HOUR_MS + Math.floor(((i + chance() / 2) * 9 * HOUR_MS) / count);
      const name = `${work.seed} ${day} ${i}`;
      yield* oneActivity(work, name, startMs, chance);
      const waitMs = chance() < 0.8 ? 2000 + chance() * 8000 : 60_000 + chance() ** 3 * 8 * HOUR_MS;
      const storedMs = Math.floor(startMs + work.chunksEach * CHUNK_MS + waitMs);
      // what was recorded on the last evening still waits
      if (day === work.days - 1 && i >= count - 1) continue;
      const from = receiptedTo;
      yield {
        utcMs: storedMs,
        receipt: (store) => {
          receiptedTo = store.size;
          return receiptOver(work, store, from, storedMs);
        },
      };
    }
  }
}

function* oneActivity(work: Work, name: string, startMs: number, chance: () => number): Generator<MadeEntry> {
  const { officers, kinds, chunksEach } = work;
  const [activity, rec] = [idOf(`activity ${name}`), idOf(`recording ${name}`)];
  const officer = officers[Math.floor(chance() * officers.length)] ?? "nobody";
  const kind = kinds[Math.floor(chance() ** 1.5 * kinds.length)] ?? "patrol";
  const isActivity = chance() < 0.4;
  const at = (own: AppendableBody, ms: number): MadeEntry => ({ own, utcMs: Math.floor(startMs + ms) });
  if (isActivity) {
    const opened = { activity, kind, title: "bench", officers: [officer], template: "on-site-inspection" };
    yield at({ type: "activity.open", ...opened }, 0);
  }
  yield at(
    {
      type: "recording.start",
      ...{ rec, origin: "live", trigger: "button", wearer: officer, pre_event_ms: 0 },
      ...(isActivity ? { activity } : {}),
      tracks: [
        { kind: "video", codec: "h264" },
        { kind: "audio", codec: "aac" },
      ],
    },
    0,
  );
  const cause = chance() < 0.15 ? CAUSES[Math.floor(chance() ** 1.7 * CAUSES.length)] : undefined;
  for (let n = 0; n <= chunksEach; n++) {
    const digest = sha256(`${name} ${n}`).toString("hex");
    const times = { from_us: Math.max(0, n - 1) * CHUNK_MS * 1000, to_us: n * CHUNK_MS * 1000 };
    const media = { digest, bytes: n === 0 ? 1000 : CHUNK_BYTES, sealed: false };
    const fields = { rec, n, ...times, key: n > 0, longest_us: n > 0 ? 40_000 : 0, ...media };
    yield at({ type: "recording.chunk", ...fields }, n * CHUNK_MS);
  }
  if (cause !== undefined) {
    const gap = { rec, from_us: 0, to_us: Math.floor((0.1 + chance() * 0.5) * chunksEach) * CHUNK_MS * 1000 };
    yield at({ type: "device.gap", reason: cause, ...gap }, chunksEach * CHUNK_MS);
  }
  const bytes = 1000 + chunksEach * CHUNK_BYTES;
  const stop = { rec, chunks: chunksEach + 1, bytes, reason: "button" };
  yield at({ type: "recording.stop", ...stop }, chunksEach * CHUNK_MS);
  if (isActivity && chance() < 0.97) {
    const isComplete = chance() < 0.85;
    const lack = isComplete ? { missing: [] } : { missing: ["inspection/whole"], reason: "bench" };
    yield at({ type: "activity.close", activity, outcome: "done", ...lack }, chunksEach * CHUNK_MS + 1000);
  }
}

function receiptOver(
  { dev, receiver, custody }: Work,
  store: LedgerStore,
  from: number,
  storedMs: number,
): { digest: Buffer; envelope: string } {
  const media = RangeSet.of([[from, store.size]]);
  const envelope = signReceipt(
    { dev, size: store.size, root: store.root(), media, storedMs, receiver },
    custody,
  );
  return { digest: sha256(envelope), envelope };
}

function idOf(name: string): string {
  const hex = sha256(name).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Numbers from 0 to 1, the same for the same seed (Park and Miller). */
function chanceOf(seed: number): () => number {
  let state = (seed * 48_271 + 1) % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
