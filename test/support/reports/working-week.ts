import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../../crypto/bytes/canonical.ts";
import type { Range } from "../../../crypto/bytes/ranges.ts";
import { LedgerMaker } from "../ledger/ledger-maker.ts";

const CHUNK_MS = 2000;

/** A ledger of which every figure is known: the maker with the words that reports count. */
export class WorkingWeek {
  readonly maker = new LedgerMaker();

  /** The next entry's clock claims this moment. */
  goTo(utc: string): void {
    const last = this.maker.evidence().entries.at(-1);
    const body = JSON.parse(String(last?.body)) as { t: { utc_ms: number } };
    this.maker.pass(Date.parse(utc) - body.t.utc_ms - 1);
  }

  /** A live recording of `seconds`; answers its id and the seqs of its chunks. */
  record(seconds: number, fields: JsonObject = {}, gaps: [string, number, number][] = [], stop = true) {
    const rec: string = randomUUID();
    const tracks = [
      { kind: "video", codec: "h264" },
      { kind: "audio", codec: "aac" },
    ];
    const start = { rec, origin: "live", trigger: "button", pre_event_ms: 0, tracks, ...fields };
    this.maker.add({ type: "recording.start", ...start });
    const first = this.maker.size;
    let bytes = 0;
    const chunks = (seconds * 1000) / CHUNK_MS;
    for (let n = 0; n <= chunks; n++) {
      if (n > 0) this.maker.pass(CHUNK_MS - 1);
      const media = this.maker.media(Buffer.from(`${rec} ${n}`));
      const times = { from_us: Math.max(0, n - 1) * CHUNK_MS * 1000, to_us: n * CHUNK_MS * 1000 };
      this.maker.add({ type: "recording.chunk", rec, n, ...times, key: n > 0, longest_us: 0, ...media });
      bytes += media.bytes;
    }
    const seqs: Range = [first, this.maker.size];
    for (const [reason, from, to] of gaps)
      this.maker.add({ type: "device.gap", reason, rec, from_us: from * 1e6, to_us: to * 1e6 });
    if (stop) this.maker.add({ type: "recording.stop", rec, chunks: chunks + 1, bytes, reason: "button" });
    return { rec, seqs };
  }

  open(kind: string, officers: string[], fields: JsonObject = {}): string {
    const activity: string = randomUUID();
    this.maker.add({ type: "activity.open", activity, kind, title: "t", officers, ...fields });
    return activity;
  }

  close(activity: string, fields: JsonObject): void {
    this.maker.add({ type: "activity.close", activity, outcome: "done", ...fields });
  }
}

export const MARKUP = '<script>alert("x")</script>';
export const FORMULA = '=cmd|" /C calc"!A0';

/**
 * Monday: 60 s by 110042 for a closed inspection, with sound off for 10 s, then 10 s without pictures, and a
 * receipt 8 s after its last chunk. 60 s by 110051 from half a minute before Tuesday, Shanghai time, without a
 * receipt. Tuesday: an activity of hostile names left open, one closed although incomplete, a purge and a wipe.
 */
export function workingWeek() {
  const week = new WorkingWeek();
  const { maker } = week;
  week.goTo("2026-11-23T08:30:00.000Z");
  const inspection = week.open("inspection", ["110042"], { template: "on-site-inspection" });
  const first = week.record(60, { wearer: "110042", activity: inspection }, [
    ["muted", 10, 15],
    ["muted", 12, 20],
    ["frames-lost", 30, 40],
  ]);
  maker.pass(8000);
  const receipt = maker.receipt([first.seqs]);
  week.close(inspection, { missing: [] });
  week.goTo("2026-11-23T15:59:30.000Z");
  const second = week.record(60, { wearer: "110051" });
  week.goTo("2026-11-24T01:00:00.000Z");
  week.open(FORMULA, [MARKUP], { template: "on-site-inspection" });
  const seizure = week.open("seizure", ["110042", "110051"], { template: "seizure" });
  week.close(seizure, { missing: ["notice/notice"], reason: "雨" });
  maker.add({ type: "custody.purge", seqs: [[...first.seqs]], reason: "age", policy: "p", receipt });
  const wiped = { bay: "1", serial: "s", path: "a.mp4", bytes: 500, rec: first.rec };
  maker.add({ type: "dock.wipe", ...wiped, file_digest: "0".repeat(64), receipt });
  return { maker, first, second };
}
