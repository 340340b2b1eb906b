import type { TestContext } from "node:test";
import { deviceVkey, formatVkey } from "../../../crypto/keys/vkey.ts";
import type { StoreOptions } from "../../../sync/receiver/options.ts";
import { Desk } from "../../../sync/receiver/store/desk.ts";
import type { DeviceAnswers, UpMessage } from "../../../sync/receiver/store/letters.ts";
import { encodeEntries } from "../../../sync/wire/entries.ts";
import {
  type Cosignature,
  encodeHello,
  type Have,
  type Nack,
  parseCosignature,
  parseHave,
  parseNack,
  parseReceipt,
} from "../../../sync/wire/messages.ts";
import type { Evidence } from "../ledger/evidence.ts";
import { DEVICE } from "../ledger/ledger-maker.ts";
import { ManualClock, seededRandom, temporaryDirectory } from "../surroundings.ts";

export const NAME = "district.example";
export const DEV = DEVICE.publicKey.deviceId;
export const CREDIT = 8 * 1024 * 1024;

/** What a device reads. */
export interface Answers {
  haves: Have[];
  nacks: Nack[];
  cosignatures: Cosignature[];
  receipts: string[];
  raw: DeviceAnswers;
}

/** A receiver's store, spoken to in the bytes of the wire. */
export class DeskBench {
  readonly clock = new ManualClock();
  readonly options: StoreOptions;
  #desk: Desk;

  constructor(t: TestContext, changes: Partial<StoreOptions> = {}) {
    this.options = {
      dataDir: temporaryDirectory(t),
      name: NAME,
      devices: [formatVkey(deviceVkey(DEVICE.publicKey))],
      otherWitnesses: [],
      limits: { openDatabases: 4, keepFreeBytes: 0 },
      ...changes,
    };
    this.#desk = this.#open();
    t.after(() => this.#desk.close());
  }

  get desk(): Desk {
    return this.#desk;
  }

  restart(): void {
    this.#desk.close();
    this.#desk = this.#open();
  }

  async send(...messages: UpMessage[]): Promise<Answers> {
    const [answers] = await this.#desk.handle([{ dev: DEV, creditBytes: CREDIT, messages }]);
    if (answers === undefined) throw new Error("no answer");
    return read(answers);
  }

  async tick(): Promise<Answers[]> {
    return (await this.#desk.tick()).map(read);
  }

  #open(): Desk {
    return Desk.open(this.options, this.clock, seededRandom("receiver keys"));
  }
}

export function read(raw: DeviceAnswers): Answers {
  const of = <T>(kind: string, parse: (payload: Uint8Array) => T): T[] =>
    raw.letters.filter((letter) => letter.kind === kind).map(({ payload }) => parse(payload));
  return {
    haves: of("have", parseHave),
    nacks: of("nack", parseNack),
    cosignatures: of("cosignature", parseCosignature),
    receipts: of("receipt", parseReceipt),
    raw,
  };
}

export function hello(nonce: string, checkpoint?: string): UpMessage {
  const fields = {
    nonce,
    agent: "fulltrace/test",
    size: 0,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
  return { subject: { kind: "hello" }, payload: encodeHello(fields) };
}

export function entries(evidence: Evidence, from = 0, to = evidence.entries.length): UpMessage {
  return { subject: { kind: "entries", from }, payload: encodeEntries(evidence.entries.slice(from, to)) };
}

export function part(digest: string, offset: number, payload: Uint8Array): UpMessage {
  return { subject: { kind: "media", digest, offset }, payload };
}

export function checkpoint(note: string): UpMessage {
  return { subject: { kind: "checkpoint" }, payload: Buffer.from(note) };
}

/** Every media file, each as one part. */
export function media({ media }: Evidence): UpMessage[] {
  return [...media].map(([digest, content]) => part(digest, 0, content));
}
