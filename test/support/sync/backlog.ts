import { createHash } from "node:crypto";
import type { TestContext } from "node:test";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type { EvidenceStore } from "../../../crypto/ledger/writer/evidence-store.ts";
import { TestDevice } from "../evidence.ts";

export const REC_MARKED = "00000000-0000-4000-8000-00000000000a";
export const REC_ACTIVITY = "00000000-0000-4000-8000-00000000000b";
export const REC_PLAIN = "00000000-0000-4000-8000-00000000000c";
const ACTIVITY = "00000000-0000-4000-8000-0000000000aa";

/** A device's ledger on a real disk, and a second connection to read it. */
export interface Backlog {
  evidence: EvidenceStore;
  reader: LedgerReader;
  dataDir: string;
  /** Bytes of all media. */
  mediaBytes: number;
}

/** `bytes` bytes that are the same in every run and differ by `name`. */
export function content(name: string, bytes: number): Buffer {
  const seed = createHash("sha256").update(name).digest();
  return Buffer.alloc(bytes, seed);
}

/** A small ledger with one of each: a plain recording, one of an open activity, a marked one, a photo, a document. */
export function backlog(
  t: TestContext,
  chunkBytes: readonly number[] = [40, 90_000, 700_000, 1_500_000],
): Backlog {
  const device = new TestDevice(t);
  const evidence = device.start();
  const reader = LedgerReader.open(device.dataDir);
  t.after(() => {
    reader.close();
    evidence.end();
  });
  const media = (body: Parameters<EvidenceStore["appendMedia"]>[0], name: string, bytes: number) =>
    evidence.appendMedia(body, [content(name, bytes)]);
  evidence.append({
    type: "activity.open",
    activity: ACTIVITY,
    kind: "patrol",
    title: "河边巡查",
    officers: ["0451"],
  });
  for (const rec of [REC_PLAIN, REC_ACTIVITY, REC_MARKED]) {
    const tracks = [{ kind: "video", codec: "h264" }];
    const start = {
      type: "recording.start",
      rec,
      origin: "live",
      trigger: "button",
      pre_event_ms: 0,
      tracks,
    } as const;
    evidence.append(rec === REC_ACTIVITY ? { ...start, activity: ACTIVITY } : start);
    if (rec === REC_MARKED) evidence.append({ type: "recording.marker", rec, at_us: 1, label: "important" });
    for (const [n, bytes] of chunkBytes.entries()) {
      const time = {
        from_us: n === 0 ? 0 : (n - 1) * 2e6,
        to_us: n * 2e6,
        key: n > 0,
        longest_us: n > 0 ? 40_000 : 0,
      };
      // all three recordings share one initialisation segment
      media({ type: "recording.chunk", rec, n, ...time }, n === 0 ? "init" : `${rec} ${n}`, bytes);
    }
    const bytes = chunkBytes.reduce((sum, size) => sum + size, 0);
    evidence.append({ type: "recording.stop", rec, chunks: chunkBytes.length, bytes, reason: "button" });
  }
  media({ type: "recording.photo", mime: "image/jpeg" }, "photo", 30_000);
  const document = { activity: ACTIVITY, stage: "opening", name: "record.pdf", mime: "application/pdf" };
  media({ type: "activity.document", ...document }, "document", 20_000);
  evidence.checkpoint();
  return { evidence, reader, dataDir: device.dataDir, mediaBytes: reader.media.totals().bytes };
}
