import type { Evidence } from "../ledger/evidence.ts";
import { CUSTODY, LedgerMaker, type Lies, WITNESS } from "../ledger/ledger-maker.ts";

export const ACTIVITY = "99999999-2222-4333-8444-555555555555";
export const REC = "11111111-2222-4333-8444-555555555555";
export const MINUTES = Buffer.from("%PDF-1.7 minutes");
export const INIT = Buffer.from("ftyp moov");
export const SECOND = Buffer.from("moof mdat: one second");
export const PHOTO = Buffer.from("jpeg");

/** Seqs of what a case is made of. */
export interface Case {
  maker: LedgerMaker;
  open: number;
  document: number;
  start: number;
  chunks: [number, number];
  photo: number;
  note: number;
}

/** An activity with a document, a recording of one second with a photo, and a note that puts the document right. */
export function makeCase(lies: Lies = {}, document: Partial<{ sealed: boolean }> = {}): Case {
  const maker = new LedgerMaker(lies);
  maker.boot(false);
  const open = maker.add({
    type: "activity.open",
    activity: ACTIVITY,
    kind: "inspection",
    title: "占道经营检查",
    officers: ["110042"],
    case_no: "2026-118",
  });
  const own = { activity: ACTIVITY, stage: "closing", name: "../笔录.pdf", mime: "application/pdf" };
  const sealed = document.sealed === true ? { plain_digest: "ab".repeat(32), plain_bytes: 3 } : {};
  const documentSeq = maker.add({
    type: "activity.document",
    ...own,
    ...maker.media(MINUTES),
    ...document,
    ...sealed,
  });
  const live = { rec: REC, origin: "live", trigger: "button", pre_event_ms: 0, activity: ACTIVITY };
  const start = maker.add({ type: "recording.start", ...live, tracks: [{ kind: "video", codec: "h264" }] });
  const chunk = { type: "recording.chunk", rec: REC, key: false, longest_us: 0 };
  const first = maker.add({ ...chunk, n: 0, from_us: 0, to_us: 0, ...maker.media(INIT) });
  const second = maker.add({ ...chunk, n: 1, from_us: 0, to_us: 1_000_000, ...maker.media(SECOND) });
  const photo = maker.add({
    type: "recording.photo",
    rec: REC,
    at_us: 1,
    mime: "image/jpeg",
    ...maker.media(PHOTO),
  });
  maker.add({
    type: "recording.stop",
    rec: REC,
    chunks: 2,
    bytes: INIT.length + SECOND.length,
    reason: "button",
  });
  maker.epoch("recording");
  const note = maker.add({
    type: "activity.note",
    activity: ACTIVITY,
    text: "应为二楼",
    corrects: documentSeq,
  });
  return { maker, open, document: documentSeq, start, chunks: [first, second], photo, note };
}

/** Closed, receipted, and cosigned to its end. */
export function finished({ maker }: Case): Evidence {
  maker.add({
    type: "activity.close",
    activity: ACTIVITY,
    outcome: "done",
    missing: ["closing/picture"],
    reason: "雨",
  });
  maker.receipt([[0, maker.size]], CUSTODY);
  maker.checkpoint(WITNESS);
  return maker.evidence();
}
