import type { TestContext } from "node:test";
import { SigningKey } from "../../../crypto/keys/ed25519.ts";
import {
  COSIGNATURE,
  formatVkey,
  PLAIN_NOTE,
  type VerifierKey,
  verifierKey,
} from "../../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { cosign, parseNote } from "../../../crypto/proof/note.ts";
import { signReceipt } from "../../../crypto/proof/receipt.ts";
import type { Action } from "../../../sync/device/exchange/actions.ts";
import type { IncomingMessage, Link, OpenLink } from "../../../sync/link/link.ts";
import { parseEntries } from "../../../sync/wire/entries.ts";
import {
  encodeCosignature,
  encodeHave,
  encodeNack,
  parseCheckpoint,
  parseHello,
} from "../../../sync/wire/messages.ts";
import { type DownKind, downTopic, parseTopic, shardFilters } from "../../../sync/wire/topics.ts";
import { seededRandom } from "../surroundings.ts";
import { ModelReceiver, type Reply } from "./model-receiver.ts";

const NAME = "district.example";
const custodyKey = SigningKey.generate(seededRandom("custody"));
const witnessKey = SigningKey.generate(seededRandom("witness"));

/** What a device pins of the receiver below. */
export const pinnedCustody: VerifierKey = verifierKey(`${NAME}/custody`, PLAIN_NOTE, custodyKey.publicKey);
export const pinnedWitness: VerifierKey = verifierKey(`${NAME}/witness`, COSIGNATURE, witnessKey.publicKey);
export const pinnedVkeys = { custody: [formatVkey(pinnedCustody)], witnesses: [formatVkey(pinnedWitness)] };

/** The model receiver behind a real link: it reads and writes the protocol's bytes, and signs. */
export class WireReceiver {
  readonly model: ModelReceiver;
  readonly received: IncomingMessage[] = [];
  readonly #ledger: LedgerReader;
  #link: Link | null = null;

  constructor(ledger: LedgerReader) {
    this.#ledger = ledger;
    this.model = new ModelReceiver(ledger);
  }

  async connect(t: TestContext, open: OpenLink): Promise<void> {
    const session = { clientId: "receiver", subscriptions: shardFilters("main"), maxInboundBytes: 2_000_000 };
    const link = await open(session, new AbortController().signal);
    t.after(() => link.close());
    this.#link = link;
    link.deliverTo(async (message) => {
      this.received.push(message);
      const action = toAction(message);
      if (action === null) return;
      for (const reply of this.model.take(action)) await this.say(reply);
      const receipt = this.model.dueReceipt();
      if (receipt !== null) await this.say(receipt);
    });
  }

  async disconnect(): Promise<void> {
    await this.#link?.close();
    this.#link = null;
  }

  async say(reply: Reply): Promise<void> {
    const { kind, payload } = this.#encode(reply);
    const topic = downTopic({ shard: "main", dev: this.#ledger.dev }, kind);
    await this.#link?.publish({ topic, payload });
  }

  #encode(reply: Reply): { kind: DownKind; payload: Buffer } {
    switch (reply.kind) {
      case "have":
        return { kind: "have", payload: encodeHave(reply.have) };
      case "nack":
        return { kind: "nack", payload: encodeNack(reply.nack) };
      case "receipt": {
        const { size, media } = reply;
        const { dev } = this.#ledger;
        const root = this.#ledger.root(size);
        const receipt = { dev, size, root, media, storedMs: 1_795_000_000_000, receiver: pinnedCustody.name };
        return { kind: "receipt", payload: Buffer.from(signReceipt(receipt, custodyKey)) };
      }
      case "cosignature": {
        const note = parseNote(this.#ledger.checkpoint(reply.size)?.note ?? "");
        const lines = [cosign(note, 1_795_000_000, pinnedWitness.name, witnessKey)];
        return { kind: "cosignature", payload: encodeCosignature({ size: reply.size, lines }) };
      }
    }
  }
}

/** What the message asks of a receiver; null: nothing, as health and state. */
function toAction({ topic, payload }: IncomingMessage): Action | null {
  const parsed = parseTopic(topic);
  if (parsed.way !== "up") return null;
  const { subject } = parsed;
  switch (subject.kind) {
    case "hello":
      return { kind: "hello", hello: parseHello(payload) };
    case "entries": {
      const entries = parseEntries(payload).map((entry, i) => ({
        ...entry,
        seq: subject.from + i,
        leaf: Buffer.alloc(32),
      }));
      return { kind: "entries", batch: { from: subject.from, entries } };
    }
    case "media":
      return {
        kind: "part",
        part: { digest: subject.digest, offset: subject.offset, bytes: payload.length },
      };
    case "checkpoint":
      return { kind: "checkpoint", note: parseCheckpoint(payload) };
    case "health":
    case "want":
      return null;
  }
}
