import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import type { InspectionResults } from "../../../../agent/control/methods/inspection-methods.ts";
import { inspectionHandlers } from "../../../../agent/records/inspections/inspection-handlers.ts";
import type { EvidenceWriter } from "../../../../crypto/entry/writer.ts";
import { COSIGNATURE, formatVkey, verifierKey } from "../../../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { cosign } from "../../../../crypto/proof/note.ts";
import { TestDevice } from "../../../support/evidence.ts";
import { TestKey } from "../../../support/ledger/test-keys.ts";
import { seededRandom } from "../../../support/surroundings.ts";

export const WITNESS = TestKey.named("district.example/witness");
export const WITNESS_KEY = verifierKey(WITNESS.name, COSIGNATURE, WITNESS.publicKey);
export const HOUR = 3_600_000;

/** A recorder whose checkpoints a witness cosigns when told, and what its control socket offers. */
export class Office {
  readonly device: TestDevice;
  readonly evidence: ReturnType<TestDevice["start"]>;
  readonly reader: LedgerReader;
  readonly handlers: ReturnType<typeof inspectionHandlers>;

  constructor(t: TestContext) {
    this.device = new TestDevice(t, { witnesses: [formatVkey(WITNESS_KEY)] });
    this.evidence = this.device.start();
    this.reader = LedgerReader.open(this.device.dataDir);
    t.after(() => this.reader.close());
    const { evidence } = this;
    const writer: EvidenceWriter = {
      append: async (body) => evidence.append(body),
      appendMedia: async (body, content) => evidence.appendMedia(body, content),
      appendStored: async (bodies) => evidence.appendStored(bodies),
    };
    const random = seededRandom("draws");
    this.handlers = inspectionHandlers({ writer, reader: this.reader, random, witnesses: [WITNESS_KEY] });
  }

  get nowMs(): number {
    return this.device.clock.utcMs();
  }

  /** Recordings without chunks: what is drawn are their names. */
  record(count: number): string[] {
    return Array.from({ length: count }, () => {
      const rec: string = randomUUID();
      const start = { rec, origin: "live", trigger: "button", pre_event_ms: 0 } as const;
      this.evidence.append({ type: "recording.start", ...start, tracks: [] });
      return rec;
    });
  }

  /** The newest checkpoint as the witness's line makes it, and its size; not stored here yet. */
  askWitness(): { size: number; line: string } {
    this.evidence.checkpoint();
    const size = this.reader.size();
    const checkpoint = { dev: this.reader.dev, size, root: this.reader.root(size) };
    return { size, line: cosign(checkpoint, Math.floor(this.nowMs / 1000), WITNESS.name, WITNESS.signer) };
  }

  cosign(): number {
    const { size, line } = this.askWitness();
    this.evidence.custody.addCosignatures(size, [line]);
    return size;
  }

  async draw(
    fromMs: number,
    toMs: number,
    rate: [number, number] = [1, 4],
  ): Promise<InspectionResults["check.draw"]> {
    const [rate_n, rate_d] = rate;
    const handler = this.handlers["check.draw"];
    const wish = { of: "recordings", from_ms: fromMs, to_ms: toMs, rate_n, rate_d } as const;
    return (await handler?.(wish, new AbortController().signal)) as InspectionResults["check.draw"];
  }

  async result(
    own: Omit<Parameters<NonNullable<ReturnType<typeof inspectionHandlers>["check.result"]>>[0], "by">,
  ) {
    return await this.handlers["check.result"]?.(own, new AbortController().signal);
  }

  /** A month with 40 recordings, cosigned before, within and after it. */
  month(): { fromMs: number; toMs: number; recordings: string[] } {
    this.record(3);
    this.cosign();
    this.device.clock.advance(HOUR);
    const fromMs = this.nowMs;
    this.device.clock.advance(HOUR);
    // a checkpoint of the same size has its line already
    this.evidence.append({ type: "device.heartbeat", free_bytes: 1, recording: false });
    this.cosign();
    const recordings = this.record(20);
    this.cosign();
    recordings.push(...this.record(20));
    this.device.clock.advance(HOUR);
    const toMs = this.nowMs;
    return { fromMs, toMs, recordings };
  }
}
