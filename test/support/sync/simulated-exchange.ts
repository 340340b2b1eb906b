import assert from "node:assert/strict";
import { Counters } from "../../../config/base/counters.ts";
import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type { Action, SyncEvent } from "../../../sync/device/exchange/actions.ts";
import { USUAL_ORDER } from "../../../sync/device/outbox/wanted.ts";
import { unrestricted } from "../../../sync/device/policy/send-policy.ts";
import { SyncMachine, type SyncMachineOptions } from "../../../sync/device/sync-machine.ts";
import { seededRandom } from "../surroundings.ts";
import { ModelReceiver, type Reply } from "./model-receiver.ts";

const MIB = 1024 * 1024;
const SMALL_PART = 64 * 1024;
const RECEIPT_MS = 10_000;

/** When copies of one message arrive, in ms from now; none: it is lost. */
export type Fate = (message: Action | Reply) => number[];
export const promptly: Fate = () => [1];

interface Happening {
  atMs: number;
  order: number;
  run: () => void;
}

/** A device's machine and a model receiver over a simulated network, in simulated time. */
export class SimulatedExchange {
  readonly machine: SyncMachine;
  readonly receiver: ModelReceiver;
  readonly events: SyncEvent[] = [];
  readonly counters = new Counters();
  /** Everything the device sent, in order. */
  readonly sent: Action[] = [];
  fate: Fate;
  nowMs = 0;
  maxPartsInFlight = 0;
  readonly #happenings: Happening[] = [];
  #order = 0;
  #connection = 0;
  #isUp = false;
  /** What an observer on the wire would call unanswered. */
  #unanswered: { digest: string; offset: number; bytes: number }[] = [];
  #credit = 0;
  readonly #nonces = new Set<string>();

  constructor(ledger: LedgerReader, fate: Fate = promptly, changes: Partial<SyncMachineOptions> = {}) {
    this.fate = fate;
    this.receiver = new ModelReceiver(ledger);
    this.machine = new SyncMachine({
      ledger,
      agent: "fulltrace/test",
      policy: unrestricted(USUAL_ORDER),
      keepaliveS: 60,
      custodyNames: ["district.example/custody"],
      hasWitness: true,
      covered: new RangeSet(),
      receiptedSize: 0,
      random: seededRandom("exchange"),
      counters: this.counters,
      report: (event) => this.events.push(event),
      ...changes,
    });
    this.#giveReceipts();
  }

  connect(): void {
    this.#isUp = true;
    this.machine.linkUp(16 * MIB, this.nowMs);
  }

  disconnect(): void {
    this.#connection++;
    this.#isUp = false;
    this.#unanswered = [];
    this.#nonces.clear();
    this.machine.linkDown();
  }

  at(ms: number, run: () => void): void {
    this.#happenings.push({ atMs: ms, order: this.#order++, run });
    this.#happenings.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
  }

  /** Lets time pass until `condition` holds; fails after `limitMs`. */
  runUntil(what: string, condition: () => boolean, limitMs = 3_600_000): void {
    const endMs = this.nowMs + limitMs;
    for (;;) {
      this.#sendAll();
      if (condition()) return;
      const wakeMs = this.machine.wakeMs(this.nowMs) ?? Number.POSITIVE_INFINITY;
      assert.ok(wakeMs > this.nowMs, "the machine wants to be woken for what it does not do");
      const next = this.#happenings[0];
      const atMs = Math.min(wakeMs, next?.atMs ?? Number.POSITIVE_INFINITY);
      assert.ok(atMs <= endMs, `not within ${limitMs} ms of simulated time: ${what}`);
      this.nowMs = Math.max(this.nowMs, atMs);
      if (next !== undefined && next.atMs <= this.nowMs) {
        this.#happenings.shift();
        next.run();
      }
    }
  }

  runFor(ms: number): void {
    const endMs = this.nowMs + ms;
    let isOver = false;
    this.at(endMs, () => {
      isOver = true;
    });
    this.runUntil("the time", () => isOver);
  }

  runUntilSettled(): void {
    this.runUntil("everything held and signed for", () => this.machine.isSettled(this.nowMs));
  }

  sentOf<K extends Action["kind"]>(kind: K): Extract<Action, { kind: K }>[] {
    return this.sent.filter((action): action is Extract<Action, { kind: K }> => action.kind === kind);
  }

  /** Puts a message of the receiver on its way. */
  say(reply: Reply): void {
    this.#deliver(reply, () => this.#hear(reply));
  }

  #sendAll(): void {
    for (let sent = 0; ; sent++) {
      assert.ok(sent < 1000, "the machine never stops sending");
      const action = this.machine.next(this.nowMs);
      if (action === null) return;
      this.sent.push(action);
      if (action.kind === "check-file") {
        this.machine.checkedOwnCopy(action.digest, true, this.nowMs);
        continue;
      }
      this.#observe(action);
      this.#deliver(action, () => {
        for (const reply of this.receiver.take(action)) this.say(reply);
      });
    }
  }

  #deliver(message: Action | Reply, run: () => void): void {
    const connection = this.#connection;
    for (const delayMs of this.fate(message)) {
      this.at(this.nowMs + delayMs, () => {
        if (this.#isUp && connection === this.#connection) run();
      });
    }
  }

  #hear(reply: Reply): void {
    switch (reply.kind) {
      case "have":
        this.#observeHave(reply.have);
        this.machine.receiveHave(
          { ...reply.have, done: RangeSet.of(reply.have.done), parts: new Map(reply.have.parts) },
          this.nowMs,
        );
        break;
      case "nack": {
        const { about } = reply.nack;
        this.#unanswered = this.#unanswered.filter(
          ({ digest, offset }) => about !== `media/${digest}/${offset}`,
        );
        this.machine.receiveNack(reply.nack, this.nowMs);
        break;
      }
      case "receipt": {
        const { size, media } = reply;
        const receiver = "district.example/custody";
        const receipt = { dev: "", size, root: Buffer.alloc(32), media, storedMs: 0, receiver };
        this.machine.receiveReceipt(receipt, this.nowMs);
        break;
      }
      case "cosignature":
        this.machine.receiveCosignature(reply.size, this.nowMs);
        break;
    }
  }

  /** Never more in flight than the protocol allows, counted on what the receiver answered. */
  #observe(action: Action): void {
    if (action.kind === "hello") this.#nonces.add(action.hello.nonce);
    if (action.kind !== "part") return;
    const allowed = Math.max(Math.min(2 * MIB, this.#credit), SMALL_PART);
    assert.ok(this.#credit > 0, "media was sent without credit");
    this.#unanswered.push(action.part);
    const bytes = this.#unanswered.reduce((sum, part) => sum + part.bytes, 0);
    assert.ok(bytes <= allowed, `${bytes} bytes in flight, ${allowed} allowed`);
    assert.ok(this.#unanswered.length <= 8, `${this.#unanswered.length} parts in flight`);
    this.maxPartsInFlight = Math.max(this.maxPartsInFlight, this.#unanswered.length);
  }

  #observeHave({ re, done, parts, credit }: Extract<Reply, { kind: "have" }>["have"]): void {
    this.#credit = credit;
    if (re !== undefined && this.#nonces.delete(re)) this.#unanswered = [];
    this.#unanswered = this.#unanswered.filter(({ digest, offset, bytes }) => {
      const isDone = this.receiver.seqsOf(digest).some((seq) => done.has(seq));
      return !isDone && parts.get(digest)?.covers(offset, offset + bytes) !== true;
    });
  }

  #giveReceipts(): void {
    const receipt = this.receiver.dueReceipt();
    if (receipt !== null) this.say(receipt);
    this.at(this.nowMs + RECEIPT_MS, () => this.#giveReceipts());
  }
}
