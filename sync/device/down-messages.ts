import type { Clock } from "../../config/base/clock.ts";
import type { Counters } from "../../config/base/counters.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { VerifierKey } from "../../crypto/keys/vkey.ts";
import type { Ledger } from "../../crypto/ledger/ledger.ts";
import { isLineOf, parseSignatureLine } from "../../crypto/proof/note.ts";
import { type OpenedReceipt, openReceipt } from "../../crypto/proof/receipt.ts";
import type { IncomingMessage } from "../link/link.ts";
import { parseCosignature, parseHave, parseNack, parseOrder, parseReceipt } from "../wire/messages.ts";
import { type Address, type DownKind, parseTopic, type Topic } from "../wire/topics.ts";
import type { SyncMachine } from "./sync-machine.ts";

export interface DownParts {
  address: Address;
  machine: SyncMachine;
  ledger: Pick<Ledger, "addReceipt" | "addCosignatures">;
  custody: readonly VerifierKey[];
  witnesses: readonly VerifierKey[];
  clock: Clock;
  log: Logger;
  counters: Counters;
  takeOrder: (envelope: string) => Promise<void>;
  /** Bytes of an ordered bundle. */
  takePart: (digest: string, offset: number, bytes: Buffer) => void;
  /** A receipt that verified against this ledger. */
  onReceipt: (receipt: OpenedReceipt) => void;
}

/** Takes messages of the receiver to where they belong; what is wrong with one is counted, and that is all. */
export class DownMessages {
  readonly #parts: DownParts;

  constructor(parts: DownParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async take({ topic, payload, retained }: IncomingMessage): Promise<void> {
    try {
      // what a broker kept was said to somebody else, or long ago
      if (retained) throw new AgentError("retained", topic);
      const parsed = this.#ours(topic);
      if (parsed.kind === "part") this.#parts.takePart(parsed.digest, parsed.offset, payload);
      else await this.#takeKind(parsed.kind, payload);
    } catch (error) {
      this.#parts.counters.add(errorCode(error));
      this.#parts.log.debug({ topic, code: errorCode(error), err: error }, "message refused");
    }
  }

  #ours(topic: string): Extract<Topic, { way: "down" }> {
    const { address } = this.#parts;
    const parsed = parseTopic(topic);
    if (parsed.way !== "down" || parsed.dev !== address.dev || parsed.shard !== address.shard) {
      throw new AgentError("bad-topic", topic);
    }
    return parsed;
  }

  async #takeKind(kind: DownKind, payload: Buffer): Promise<void> {
    const { machine, clock } = this.#parts;
    const nowMs = clock.monoUs() / 1000;
    switch (kind) {
      case "have":
        return machine.receiveHave(parseHave(payload), nowMs);
      case "nack":
        return machine.receiveNack(parseNack(payload), nowMs);
      case "receipt":
        return this.#takeReceipt(parseReceipt(payload));
      case "order":
        return this.#parts.takeOrder(parseOrder(payload));
      case "cosignature": {
        const { size, lines } = parseCosignature(payload);
        return this.#takeCosignature(size, lines);
      }
    }
  }

  async #takeReceipt(envelope: string): Promise<void> {
    const { machine, ledger, custody, clock, log, onReceipt } = this.#parts;
    const receipt = openReceipt(envelope, custody);
    const outcome = await ledger.addReceipt(envelope);
    log.debug({ outcome, size: receipt.size }, "receipt");
    machine.receiveReceipt(receipt, clock.monoUs() / 1000);
    onReceipt(receipt);
  }

  async #takeCosignature(size: number, lines: readonly string[]): Promise<void> {
    const { machine, ledger, witnesses, clock, counters } = this.#parts;
    const pinned = lines.filter((text) => {
      const line = parseSignatureLine(text);
      return witnesses.some((witness) => isLineOf(line, witness));
    });
    if (pinned.length < lines.length) counters.add("unknown-witness", lines.length - pinned.length);
    if (pinned.length === 0) return;
    await ledger.addCosignatures(size, pinned);
    machine.receiveCosignature(size, clock.monoUs() / 1000);
  }
}
