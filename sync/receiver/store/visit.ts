import { errorCode } from "../../../config/base/errors.ts";
import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import type { Replica } from "../../../crypto/ledger/replica/replica.ts";
import type { Problem } from "../../../crypto/proof/verdict.ts";
import { parseEntries } from "../../wire/entries.ts";
import { MAX_DONE_RANGES, MAX_LISTED_FILES } from "../../wire/limits.ts";
import {
  encodeCosignature,
  encodeHave,
  encodeNack,
  type NackCode,
  parseCheckpoint,
  parseHello,
} from "../../wire/messages.ts";
import { formatSubject } from "../../wire/topics.ts";
import type { DeviceAnswers, Letter, Refusal, UpMessage } from "./letters.ts";

/** Ranges of all files in one `have`: with 1,000 of `done` they stay below 256 KiB. */
const MAX_LISTED_RANGES = 6_000;
/** Missing files named after each write, so that their first part may be a whole one. */
const MISSING_AHEAD = 16;
const DISK_FULL_RETRY_MS = 60_000;
const TROUBLE_RETRY_MS = 5_000;

const NACKS: readonly string[] = [
  "disk-full",
  "bad-entry",
  "fork",
  "too-large",
  "unsupported",
  "unannounced",
] satisfies NackCode[];

/** The code that tells the device what to do; a trouble of our own asks it to come again. */
function nackCode(error: unknown): NackCode {
  const code = errorCode(error);
  if (code === "bad-message") return "bad-entry";
  return NACKS.includes(code) ? (code as NackCode) : "slow-down";
}

/** How long the device is to wait, where the code leaves that open. */
function retryAfter(code: NackCode): { retryAfterMs?: number } {
  if (code === "disk-full") return { retryAfterMs: DISK_FULL_RETRY_MS };
  return code === "slow-down" ? { retryAfterMs: TROUBLE_RETRY_MS } : {};
}

/**
 * The messages of one device that are handled together, and their answers (sync-protocol, "Exchange"):
 * take each, finish once. Nothing is answered before it is durable.
 */
export class Visit {
  readonly #replica: Replica;
  readonly #dev: string;
  readonly #receiver: string;
  readonly #creditBytes: number;
  readonly #nonces: string[] = [];
  /** Files that parts came for, and the last part's subject. */
  readonly #touched = new Map<string, string>();
  /** Files dropped: nothing of them is held. */
  readonly #dropped = new Set<string>();
  readonly #complete = new RangeSet();
  readonly #cosigned = new Map<number, string[]>();
  readonly #refusals: Refusal[] = [];
  readonly #problems: Problem[] = [];
  readonly #troubles: string[] = [];
  #owesHave = false;

  /** `receiver` is the custody key's name. */
  constructor(dev: string, replica: Replica, receiver: string, creditBytes: number) {
    this.#dev = dev;
    this.#replica = replica;
    this.#receiver = receiver;
    this.#creditBytes = creditBytes;
  }

  take({ subject, payload }: UpMessage): void {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const about = formatSubject(subject);
    try {
      switch (subject.kind) {
        case "hello":
          this.#hello(bytes);
          break;
        case "entries":
          this.#entries(subject.from, bytes);
          break;
        case "media":
          this.#touched.set(subject.digest, about);
          this.#addComplete(this.#replica.write(subject.digest, subject.offset, bytes));
          break;
        case "checkpoint":
          this.#checkpoint(parseCheckpoint(bytes));
          break;
      }
    } catch (error) {
      this.#refuse(error, about);
    }
  }

  /** A `have` is owed although nothing was asked: there is credit again. */
  announce(): void {
    this.#owesHave = true;
  }

  async finish(): Promise<DeviceAnswers> {
    await this.#settle();
    const newReceipt = this.#issueReceipt();
    const receipts = this.#nonces.length > 0 ? this.#replica.receipts() : newReceipt;
    const letters: Letter[] = [
      ...this.#refusals.map((refusal) => nack(refusal)),
      ...(this.#owesHave || this.#touched.size > 0 ? [this.#changes()] : []),
      ...this.#nonces.map((nonce) => this.#everything(nonce)),
      ...[...this.#cosigned].map(([size, lines]) => cosignature(size, lines)),
      ...receipts.map(receiptLetter),
    ];
    const { size, missingCount, forkCount } = this.#replica;
    return {
      dev: this.#dev,
      letters,
      refusals: this.#refusals,
      problems: this.#problems,
      troubles: this.#troubles,
      replica: { size, missing: missingCount, forks: forkCount },
    };
  }

  #hello(payload: Buffer): void {
    const { nonce, checkpoint } = parseHello(payload);
    this.#nonces.push(nonce);
    if (checkpoint !== undefined) this.#offer(checkpoint);
  }

  #entries(from: number, payload: Buffer): void {
    const { added, problems, refusal, complete } = this.#replica.append(from, parseEntries(payload));
    this.#problems.push(...problems);
    this.#addComplete(complete);
    if (added > 0 || refusal === null) this.#owesHave = true;
    if (refusal !== null) throw refusal;
  }

  #checkpoint(note: string): void {
    // an answer without lines would say less than what is held
    if (!this.#offer(note)) this.#owesHave = true;
  }

  /** True if there are cosignature lines to answer with. */
  #offer(note: string): boolean {
    const outcome = this.#replica.offer(note);
    if (outcome.kind === "beyond" || outcome.lines.length === 0) return false;
    this.#cosigned.set(outcome.size, outcome.lines);
    return true;
  }

  async #settle(): Promise<void> {
    const { complete, damaged, failed } = await this.#replica.settle();
    this.#addComplete(complete);
    for (const digest of damaged) {
      this.#dropped.add(digest);
      this.#refusals.push({
        code: "bad-hash",
        about: this.#subjectOf(digest),
        detail: "the digest is another",
      });
    }
    for (const { digest, error } of failed) {
      this.#dropped.add(digest);
      this.#refuse(error, this.#subjectOf(digest));
    }
  }

  #issueReceipt(): string[] {
    try {
      const envelope = this.#replica.issueReceipt();
      return envelope === null ? [] : [envelope];
    } catch (error) {
      // nothing that the device sent is at fault, and what it would cover stays owed
      this.#troubles.push(describeError(error));
      return [];
    }
  }

  #addComplete(seqs: readonly number[]): void {
    for (const seq of seqs) this.#complete.add(seq, seq + 1);
  }

  #subjectOf(digest: string): string {
    return this.#touched.get(digest) ?? `media/${digest}/0`;
  }

  #refuse(error: unknown, about: string): void {
    const code = nackCode(error);
    // the device is to wait for a `have` that names the file
    if (code === "unannounced") this.#owesHave = true;
    this.#refusals.push({ code, about, detail: describeError(error) });
  }

  /** What changed: all that is held of each file that was touched, and the seqs that are complete now. */
  #changes(): Letter {
    const touched = [...this.#touched.keys()].flatMap((digest): [string, RangeSet][] => {
      const held = this.#replica.heldOf(digest) ?? (this.#dropped.has(digest) ? new RangeSet() : null);
      return held === null ? [] : [[digest, held]];
    });
    return this.#have({ done: this.#complete, files: [...touched, ...this.#missing(MISSING_AHEAD)] });
  }

  /** All that is held, as far as it can be listed. */
  #everything(re: string): Letter {
    const files = [...this.#replica.unfinished(), ...this.#missing(MAX_LISTED_FILES)];
    return this.#have({ re, done: this.#replica.held, files });
  }

  /** Missing files of which nothing is held yet: listed with no ranges, they need no probing part. */
  #missing(limit: number): [string, RangeSet][] {
    return this.#replica
      .missing(limit)
      .map((digest) => [digest, this.#replica.heldOf(digest) ?? new RangeSet()]);
  }

  #have(known: { re?: string; done: RangeSet; files: [string, RangeSet][] }): Letter {
    const checkpoint = this.#replica.newestCheckpoint();
    const payload = encodeHave({
      ...(known.re === undefined ? {} : { re: known.re }),
      receiver: this.#receiver,
      size: this.#replica.size,
      root: this.#replica.root(),
      ...(checkpoint === null ? {} : { checkpoint }),
      done: newestRanges(known.done),
      parts: listable(known.files),
      credit: this.#creditBytes,
    });
    return { kind: "have", payload };
  }
}

function newestRanges(ranges: RangeSet): RangeSet {
  return ranges.count <= MAX_DONE_RANGES ? ranges : RangeSet.of([...ranges].slice(-MAX_DONE_RANGES));
}

/** The first files, each once, that a `have` has room for. */
function listable(files: readonly [string, RangeSet][]): Map<string, RangeSet> {
  const listed = new Map<string, RangeSet>();
  let ranges = 0;
  for (const [digest, held] of files) {
    if (listed.size >= MAX_LISTED_FILES) break;
    if (listed.has(digest) || ranges + held.count > MAX_LISTED_RANGES) continue;
    listed.set(digest, held);
    ranges += held.count;
  }
  return listed;
}

/** Code and place where it is one of ours. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : errorCode(error);
}

/** The refusal as the device reads it. */
export function nack({ code, about, detail }: Refusal): Letter {
  return { kind: "nack", payload: encodeNack({ code, about, detail, ...retryAfter(code) }) };
}

function cosignature(size: number, lines: string[]): Letter {
  return { kind: "cosignature", payload: encodeCosignature({ size, lines }) };
}

function receiptLetter(envelope: string): Letter {
  return { kind: "receipt", payload: Buffer.from(envelope) };
}
