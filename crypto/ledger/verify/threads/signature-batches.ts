import { AgentError } from "../../../../config/base/errors.ts";
import type { SignatureCheck } from "../../../proof/chain-checker.ts";
import type { Findings, Problem } from "../../../proof/verdict.ts";
import type { CheckThreads } from "./check-threads.ts";
import { pack, type SignatureAnswer } from "./jobs.ts";

/** Some 20 ms of work a batch. */
const BATCH_BYTES = 128 * 1024;

/**
 * Collects signatures to verify, hands them out in batches and reports those that fail. Buffers travel
 * to the threads and come back: none is allocated while the work goes on.
 */
export class SignatureBatches {
  readonly #threads: CheckThreads;
  readonly #findings: Findings;
  readonly #free: Buffer[] = [];
  readonly #running = new Set<Promise<void>>();
  #buffer: Buffer;
  #used = 0;
  /** What to report if the signature at the same place fails. */
  #blames: Problem[] = [];
  #count = 0;
  #failure: unknown = null;

  constructor(threads: CheckThreads, findings: Findings) {
    this.#threads = threads;
    this.#findings = findings;
    this.#buffer = newBuffer();
  }

  /** How many signatures were handed in. */
  get count(): number {
    return this.#count;
  }

  add(check: SignatureCheck, blame: Problem): void {
    this.#count++;
    if (check.signature.length !== 64) {
      this.#findings.add(blame);
      return;
    }
    let end = pack(this.#buffer, this.#used, check);
    if (end < 0) {
      this.#handOut();
      end = pack(this.#buffer, this.#used, check);
      if (end < 0) throw new AgentError("signature-too-long", `${check.message.length} bytes`);
    }
    this.#used = end;
    this.#blames.push(blame);
  }

  /** Resolves once more may be added; throws when a thread broke down. */
  async room(): Promise<void> {
    await this.#threads.room();
    if (this.#failure !== null) throw this.#failure;
  }

  /** Resolves once every signature is verified and every failure reported. */
  async finish(): Promise<void> {
    this.#handOut();
    await Promise.all(this.#running);
    if (this.#failure !== null) throw this.#failure;
  }

  #handOut(): void {
    const blames = this.#blames;
    if (blames.length === 0) return;
    const buffer = this.#buffer.buffer as ArrayBuffer;
    this.#blames = [];
    this.#used = 0;
    this.#buffer = this.#free.pop() ?? newBuffer();
    const run = this.#verify(buffer, blames).catch((error: unknown) => {
      this.#failure ??= error;
    });
    this.#running.add(run);
    void run.then(() => this.#running.delete(run));
  }

  async #verify(buffer: ArrayBuffer, blames: readonly Problem[]): Promise<void> {
    const job = { kind: "signatures", count: blames.length, buffer } as const;
    const answer = (await this.#threads.run(job)) as SignatureAnswer;
    this.#free.push(Buffer.from(answer.buffer));
    this.#findings.add(...answer.refused.map((place) => blames[place] as Problem));
  }
}

function newBuffer(): Buffer {
  return Buffer.from(new ArrayBuffer(BATCH_BYTES));
}
