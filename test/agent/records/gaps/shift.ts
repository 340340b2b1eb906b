import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { gapAccount } from "../../../../agent/records/gaps/gap-account.ts";
import type { GapAccount, Span, Subject } from "../../../../agent/records/gaps/gap-types.ts";
import { readDeviceFacts } from "../../../../agent/records/gaps/read/device.ts";
import type { GapReason } from "../../../../crypto/entry/ledger-types.ts";
import { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import type { EvidenceStore } from "../../../../crypto/ledger/writer/evidence-store.ts";
import { TestDevice } from "../../../support/evidence.ts";

export interface Filming {
  wearer?: string;
  preEventMs?: number;
  /** Chunks by what they cover, s; each is signed when its end has come. */
  chunks: readonly (readonly [fromS: number, toS: number])[];
  gaps?: readonly { reason: GapReason; fromS: number; toS: number }[];
  /** Null: it is left open. */
  stop?: string | null;
  /** How long after its last chunk the stop is signed. */
  stopAfterMs?: number;
}

/** A recorder's shift on a real ledger, told in seconds. */
export class Shift {
  readonly device: TestDevice;
  #evidence: EvidenceStore;

  constructor(t: TestContext) {
    this.device = new TestDevice(t);
    this.#evidence = this.device.start();
  }

  get nowMs(): number {
    return this.device.clock.utcMs();
  }

  get evidence(): EvidenceStore {
    return this.#evidence;
  }

  idle(seconds: number): void {
    this.device.clock.advance(seconds * 1000);
  }

  /** Switched off in order, or torn from power; `wallStepMs`: its clock is set while it is off. */
  restart(how: "orderly" | "killed", offSeconds: number, wallStepMs = 0): void {
    if (how === "orderly") this.#evidence.close("switched off");
    this.idle(offSeconds);
    this.device.clock.stepWall(wallStepMs);
    this.#evidence = this.device.start();
  }

  film({ wearer, preEventMs = 0, chunks, gaps = [], stop = "button", stopAfterMs = 0 }: Filming): string {
    const rec: string = randomUUID();
    const { clock } = this.device;
    const evidence = this.#evidence;
    const tracks = [{ kind: "video", codec: "h264", width: 640, height: 360 }];
    const worn = wearer === undefined ? {} : { wearer };
    const start = {
      rec,
      origin: "live",
      trigger: "button",
      ...worn,
      pre_event_ms: preEventMs,
      tracks,
    } as const;
    evidence.append({ type: "recording.start", ...start });
    let bytes = 0;
    let passedUs = preEventMs * 1000;
    const add = (n: number, from_us: number, to_us: number) => {
      const fields = { rec, n, from_us, to_us, key: false, longest_us: 0 };
      bytes += evidence.appendMedia({ type: "recording.chunk", ...fields }, [
        Buffer.from(`${rec} ${n}`),
      ]).bytes;
    };
    const signed = new Set<object>();
    const sign = (gap: { reason: GapReason; fromS: number; toS: number }) => {
      const { reason, fromS, toS } = gap;
      signed.add(gap);
      evidence.append({ type: "device.gap", reason, rec, from_us: fromS * 1e6, to_us: toS * 1e6 });
    };
    add(0, 0, 0);
    for (const [n, [fromS, toS]] of chunks.entries()) {
      clock.advance(Math.max(0, toS * 1e6 - passedUs) / 1000);
      passedUs = Math.max(passedUs, toS * 1e6);
      for (const gap of gaps.filter(
        ({ fromS: gapS, toS: endS }) => gapS === chunks[n - 1]?.[1] && endS === fromS,
      ))
        sign(gap);
      add(n + 1, fromS * 1e6, toS * 1e6);
    }
    for (const gap of gaps) if (!signed.has(gap)) sign(gap);
    clock.advance(stopAfterMs);
    if (stop !== null)
      evidence.append({ type: "recording.stop", rec, chunks: chunks.length + 1, bytes, reason: stop });
    return rec;
  }

  account(subject: Subject, span: Span): GapAccount {
    return accountOf(subject, span, [this]);
  }
}

export function accountOf(subject: Subject, span: Span, shifts: readonly Shift[]): GapAccount {
  const readers = shifts.map(({ device }) => LedgerReader.open(device.dataDir));
  try {
    const facts = readers.flatMap((reader) => readDeviceFacts(reader, subject, span) ?? []);
    return gapAccount(span, subject, facts);
  } finally {
    for (const reader of readers) reader.close();
  }
}

/** What an account says in short: how many seconds of what, and why. */
export function story({ intervals }: GapAccount): string[] {
  return intervals.map(
    ({ fromMs, toMs, state, cause, flagged }) =>
      `${(toMs - fromMs) / 1000} ${state} ${[cause.code, cause.reason].filter(Boolean).join(":")}${flagged ? " !" : ""}`,
  );
}
