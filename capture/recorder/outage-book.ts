import type { Clock } from "../../config/base/clock.ts";
import type { GapReason, IdleGap } from "../../crypto/entry/ledger-types.ts";
import type { LossReason } from "../live/camera-stream.ts";

/** What is broken: the way from the camera, or the way to the disk. */
export type OutageSide = "camera" | "writer";

/** What a lost stream is called in the ledger. The end of a source that has one is no gap. */
export const LOSS_GAPS: Readonly<Record<Exclude<LossReason, "source-ended">, GapReason>> = {
  "camera-lost": "camera-lost",
  "encoder-stalled": "encoder-stalled",
  "clock-strayed": "frames-lost",
  "stream-broken": "unknown",
};

/** Times are the ledger's monotonic µs. */
interface OpenOutage {
  readonly reason: GapReason;
  readonly after: string | undefined;
  fromMonoUs: number;
}

/**
 * Stretches of time without evidence, signed as they become known: once when one is noticed, once
 * more for the rest when it is over. Each part starts where the one before ended.
 */
export class OutageBook {
  readonly #open = new Map<OutageSide, OpenOutage>();
  readonly #clock: Clock;
  readonly #ledgerMonoUs: () => number;
  readonly #sign: (gap: IdleGap) => void;

  constructor(parts: { clock: Clock; ledgerMonoUs: () => number }, sign: (gap: IdleGap) => void) {
    this.#clock = parts.clock;
    this.#ledgerMonoUs = parts.ledgerMonoUs;
    this.#sign = sign;
  }

  /** Nothing is recorded since `sinceMonoUs` of the injected clock; `after` is the recording that this interrupted. */
  begin(side: OutageSide, reason: GapReason, sinceMonoUs: number, after: string | undefined): void {
    this.end(side);
    const offsetUs = this.#ledgerMonoUs() - this.#clock.monoUs();
    const outage = { reason, after, fromMonoUs: Math.max(0, Math.floor(sinceMonoUs + offsetUs)) };
    this.#open.set(side, outage);
    this.#signPart(outage);
  }

  /** It is over: signs the rest. Without effect if there is none. */
  end(side: OutageSide): void {
    const outage = this.#open.get(side);
    if (outage === undefined) return;
    this.#open.delete(side);
    this.#signPart(outage);
  }

  #signPart(outage: OpenOutage): void {
    const toMonoUs = this.#ledgerMonoUs();
    if (toMonoUs <= outage.fromMonoUs) return;
    const { reason, after, fromMonoUs } = outage;
    outage.fromMonoUs = toMonoUs;
    this.#sign({
      type: "device.gap",
      reason,
      ...(after === undefined ? {} : { after }),
      mono_from_us: fromMonoUs,
      mono_to_us: toMonoUs,
    });
  }
}
