import type { Counters } from "../../config/base/counters.ts";
import type { Random } from "../../config/base/random.ts";
import type { RangeSet } from "../../crypto/bytes/ranges.ts";
import type { Receipt } from "../../crypto/proof/receipt.ts";
import type { Have, Nack } from "../wire/messages.ts";
import { readSubject } from "../wire/topics.ts";
import type { Action, SyncEvent } from "./exchange/actions.ts";
import { Alarms, REFUSED_ALARMS } from "./exchange/alarms.ts";
import { Asking } from "./exchange/asking.ts";
import { AwaitingCustody, type CustodyLedger } from "./exchange/awaiting-custody.ts";
import { Patience } from "./exchange/patience.ts";
import { HOLD_MS, Restraint } from "./exchange/restraint.ts";
import { type JudgedLedger, type Standing, StandingJudge } from "./exchange/standing.ts";
import { Outbox, type OutboxLedger } from "./outbox/outbox.ts";
import type { SendPolicy } from "./policy/send-policy.ts";

export type SyncLedger = OutboxLedger & CustodyLedger & JudgedLedger;

export interface SyncMachineOptions {
  ledger: SyncLedger;
  /** Name and version of the program, as hello says it. */
  agent: string;
  policy: SendPolicy;
  keepaliveS: number;
  /** Names of the pinned custody keys; empty: none is pinned, and any receiver is taken. */
  custodyNames: readonly string[];
  hasWitness: boolean;
  /** Seqs whose media stored receipts cover. */
  covered: RangeSet;
  /** The largest size that a stored receipt names. */
  receiptedSize: number;
  random: Random;
  counters: Counters;
  report: (event: SyncEvent) => void;
}

type Phase =
  | { kind: "offline" }
  | { kind: "online"; maxPayloadBytes: number }
  /** Contradicted by its own signature: nothing more is sent from this ledger. */
  | { kind: "ended" };

/**
 * The device's side of sync-protocol, without clock, network or disk: told what arrived and what time it
 * is (`nowMs`, monotonic), it answers what to send next. All that is to be sent follows from the ledger,
 * from what the receiver said it holds and from what is in flight.
 */
export class SyncMachine {
  readonly outbox: Outbox;
  readonly custody: AwaitingCustody;
  readonly alarms: Alarms;
  readonly #options: SyncMachineOptions;
  readonly #asking: Asking;
  readonly #judge: StandingJudge;
  readonly #restraint = new Restraint();
  readonly #patience = new Patience();
  #phase: Phase = { kind: "offline" };
  #standing: Standing = { kind: "agrees" };
  #receiptedSize: number;
  #receiver: string | null = null;

  constructor(options: SyncMachineOptions) {
    const { ledger, policy, keepaliveS, covered, custodyNames, hasWitness, random, report } = options;
    this.#options = options;
    this.outbox = new Outbox(ledger, () => policy.order(), keepaliveS);
    this.custody = new AwaitingCustody(ledger, covered, {
      custody: custodyNames.length > 0,
      witness: hasWitness,
    });
    this.alarms = new Alarms((code, detail) => report({ kind: "alarm", code, detail }));
    this.#judge = new StandingJudge(ledger);
    this.#asking = new Asking(random);
    this.#receiptedSize = options.receiptedSize;
    // until the receiver says what it holds, its receipts are the best guess
    this.outbox.held.size = options.receiptedSize;
    for (const [from, to] of covered) this.outbox.held.done.add(from, to);
  }

  /** Name of the receiver that answered last on this connection; null: none did. */
  get receiver(): string | null {
    return this.#receiver;
  }

  /** A connection is up and subscribed. */
  linkUp(maxPayloadBytes: number, nowMs: number): void {
    if (this.#phase.kind === "ended") return;
    this.#phase = { kind: "online", maxPayloadBytes };
    this.outbox.traffic.newConnection();
    this.#asking.restart();
    this.#patience.moved(nowMs);
  }

  /** The connection is gone, and with it all that was in flight. */
  linkDown(): void {
    if (this.#phase.kind === "online") this.#phase = { kind: "offline" };
    this.#receiver = null;
    this.outbox.window.clear();
    this.custody.forgetSent();
  }

  receiveHave(have: Have, nowMs: number): void {
    const { custodyNames } = this.#options;
    if (custodyNames.length > 0 && !custodyNames.includes(have.receiver)) {
      this.#options.counters.add("receiver-unknown");
      this.alarms.raise("receiver-unknown", have.receiver);
      return;
    }
    const isAnswer = have.re !== undefined && this.#asking.answers(have.re);
    if (have.re !== undefined && !isAnswer) this.#options.counters.add("stale-answer");
    if (!this.#isExplained(this.#judge.judge(have))) return;
    if (isAnswer) this.#takeAnswer(have);
    this.#patience.heard(nowMs);
    this.#receiver = have.receiver;
    if (this.outbox.learn(have, isAnswer, nowMs)) this.#moved(nowMs);
  }

  receiveNack(nack: Nack, nowMs: number): void {
    const { code, about } = nack;
    this.#options.counters.add(`nack-${code}`);
    const subject = readSubject(about);
    const { window } = this.outbox;
    // refused is answered: it is sent again when what stands in the way is gone
    if (subject?.kind === "media") {
      window.takeParts(({ digest, offset }) => digest === subject.digest && offset === subject.offset);
    }
    if (subject?.kind === "entries") window.takeEntries(({ from }) => from >= subject.from);
    if (subject?.kind === "hello") this.#asking.refused();
    switch (code) {
      case "slow-down":
        this.#restraint.pause(nack, nowMs);
        break;
      case "disk-full":
        this.#restraint.pause(nack, nowMs);
        this.alarms.raise("receiver-full", about);
        break;
      case "bad-hash":
        if (subject?.kind !== "media") break;
        this.outbox.dropped(subject.digest);
        this.outbox.suspects.refused(subject.digest);
        break;
      case "unannounced":
        this.#patience.awaitHave();
        break;
      case "bad-entry":
      case "fork":
      case "unknown-device":
      case "unauthorized":
      case "too-large":
      case "unsupported":
        this.#restraint.hold(code, subject?.kind === "hello", nowMs);
        this.alarms.raise(`refused-${code}`, nack.detail === undefined ? about : `${about}: ${nack.detail}`);
        break;
    }
  }

  /** A receipt came from the receiver and verified. */
  receiveReceipt(receipt: Receipt, nowMs: number): void {
    this.#receiptedSize = Math.max(this.#receiptedSize, receipt.size);
    if (this.custody.receipted(receipt)) this.#moved(nowMs);
  }

  /** Cosignature lines for the checkpoint of `size` verified. */
  receiveCosignature(size: number, nowMs: number): void {
    if (this.custody.cosigned(size)) this.#moved(nowMs);
  }

  /** The file under `digest` was read again: good, or damaged or gone. */
  checkedOwnCopy(digest: string, isGood: boolean, nowMs: number): void {
    switch (this.outbox.suspects.checked(digest, isGood, nowMs)) {
      case "damaged":
        this.outbox.dropped(digest);
        this.#options.counters.add("media-damaged");
        this.alarms.raise("media-damaged", digest);
        break;
      case "refused-twice":
        this.alarms.raise("media-refused", digest);
        break;
      case null:
        break;
    }
  }

  /** What to do now; null: nothing until something arrives, the ledger grows, or `wakeMs` has come. */
  next(nowMs: number): Action | null {
    if (this.#phase.kind !== "online") return null;
    const { maxPayloadBytes } = this.#phase;
    this.#patience.notice(this.outbox.window.oldest, nowMs);
    const askMs = this.#askMs(nowMs);
    if (askMs !== null && askMs <= nowMs) return this.#sayHello(nowMs);
    const digest = this.outbox.suspects.nextCheck();
    if (digest !== null) return { kind: "check-file", digest };
    if (this.#asking.isWaiting || this.#restraint.holdCode !== null) return null;
    const checkpoint = this.custody.nextCheckpoint(this.outbox.held.size);
    if (checkpoint !== null) {
      this.custody.sentCheckpoint(checkpoint.size, nowMs);
      return { kind: "checkpoint", note: checkpoint.note };
    }
    if (this.#standing.kind !== "agrees" || !this.#restraint.isFree(nowMs)) return null;
    return this.#nextData(maxPayloadBytes, nowMs);
  }

  /** When `next`, which has just answered null, is worth calling again though nothing happened; null: never. */
  wakeMs(nowMs: number): number | null {
    if (this.#phase.kind !== "online") return null;
    const times = [this.#askMs(nowMs), this.#restraint.pauseEndsMs, this.outbox.suspects.holdEndsMs];
    times.push(this.#options.policy.permit().againMs);
    // what has passed has had its effect on `next`
    const later = times.filter((ms) => ms !== null && ms > nowMs);
    return later.length === 0 ? null : Math.min(...(later as number[]));
  }

  /** True when the receiver holds and has signed for everything here. */
  isSettled(nowMs: number): boolean {
    const { held } = this.outbox;
    const size = this.#options.ledger.size();
    return (
      this.#receiver !== null &&
      this.#standing.kind === "agrees" &&
      held.size >= size &&
      !this.outbox.hasMediaToSend(nowMs) &&
      // what may not go over this network is not there, though nothing is to be sent
      (this.#options.policy.letsAllThrough() || this.outbox.backlog().bytes === 0) &&
      this.custody.isCovered(size) &&
      this.custody.isCosigned()
    );
  }

  #nextData(maxPayloadBytes: number, nowMs: number): Action | null {
    const wasSilent = this.outbox.window.isEmpty;
    const { policy } = this.#options;
    const { entries, mediaBytes } = policy.permit();
    const batch = entries ? this.outbox.nextEntries(maxPayloadBytes) : null;
    const most = Math.min(maxPayloadBytes, mediaBytes);
    const part = batch !== null || this.#patience.awaitsHave ? null : this.outbox.nextPart(most, nowMs);
    if (batch === null && part === null) return null;
    if (wasSilent) this.#patience.moved(nowMs);
    if (batch !== null) {
      this.outbox.sentEntries(batch, nowMs);
      return { kind: "entries", batch };
    }
    if (part === null) return null;
    policy.sending(part.bytes);
    this.outbox.sentPart(part, nowMs);
    return { kind: "part", part };
  }

  #sayHello(nowMs: number): Action {
    const { ledger, agent } = this.#options;
    const { unansweredMs } = this.#patience;
    if (unansweredMs !== null && unansweredMs <= nowMs) this.outbox.timedOut();
    this.#patience.asked(nowMs);
    const checkpoint = ledger.newestCheckpoint()?.note;
    const hello = { nonce: this.#asking.ask(nowMs), agent, size: ledger.size() };
    return { kind: "hello", hello: checkpoint === undefined ? hello : { ...hello, checkpoint } };
  }

  /** When the receiver is to be asked, because it is time or because an answer is missing; null: no need. */
  #askMs(nowMs: number): number | null {
    const { held } = this.outbox;
    const times: (number | null)[] = [this.#restraint.holdEndsMs];
    if (this.#restraint.holdCode === null) {
      times.push(this.#patience.unansweredMs, this.#patience.haveMissingMs);
      if (this.#standing.kind !== "agrees") times.push(this.#patience.askedMs + HOLD_MS);
      else times.push(...this.#silenceMs(nowMs), this.custody.askMs(held.done, held.size, nowMs));
    }
    const needed = times.filter((ms) => ms !== null);
    return this.#asking.dueMs(needed.length === 0 ? null : Math.min(...needed));
  }

  /** Media is wanted and nothing of it is under way: the receiver gave no credit, or says nothing more of a file. */
  #silenceMs(nowMs: number): number[] {
    const { held, window } = this.outbox;
    if (this.#options.policy.permit().mediaBytes === 0) return [];
    if (!window.isEmpty || !this.#restraint.isFree(nowMs) || !this.outbox.hasMediaToSend(nowMs)) return [];
    return [this.#patience.silentMs(held.credit)];
  }

  #takeAnswer({ size }: Have): void {
    this.#restraint.answered(this.#patience.askedMs);
    if (this.#restraint.holdCode === null) this.alarms.clear(...REFUSED_ALARMS, "receiver-unknown");
    this.custody.forgetSent();
    if (size >= this.#receiptedSize) return;
    this.#options.counters.add("receiver-lost-data");
    this.alarms.raise("receiver-lost-data", `holds ${size} entries, receipted ${this.#receiptedSize}`);
    this.#options.report({ kind: "receipts-suspended", size });
  }

  /** Takes in how the two ledgers stand; false where this `have` is not to be acted upon. */
  #isExplained(standing: Standing): boolean {
    this.#standing = standing;
    switch (standing.kind) {
      case "agrees":
        this.alarms.clear("ledger-mismatch");
        return true;
      case "unexplained":
        this.#options.counters.add("ledger-mismatch");
        this.alarms.raise("ledger-mismatch", standing.detail);
        this.outbox.window.clear();
        return false;
      case "rolled-back":
      case "forked":
        this.alarms.raise(`ledger-${standing.kind}`, standing.note.split("\n", 2).join(" size "));
        this.#phase = { kind: "ended" };
        this.outbox.window.clear();
        this.#options.report({ kind: "contradicted", how: standing.kind, note: standing.note });
        return false;
    }
  }

  #moved(nowMs: number): void {
    this.#patience.moved(nowMs);
    this.#asking.progressed();
    this.alarms.clear("receiver-full");
  }
}
