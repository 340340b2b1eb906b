import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { linesOf, sendLine } from "../wire/json-lines.ts";
import type { Answer, Order, Question, RunnerWord } from "../wire/messages.ts";

/** How one test file ended. */
export interface TestEnd {
  code: number;
  /** What `scripts/test/tally-reporter.mjs` counted; null: it did not come to that. */
  tally: Tally | null;
}

export interface Tally {
  ran: number;
  failed: number;
  skipped: { name: string; reason?: string }[];
  todo: string[];
  empty: string[];
}

export type Up = Extract<RunnerWord, { kind: "up" }>;

interface Running {
  onOutput: (text: string) => void;
  done: (end: TestEnd) => void;
}

/** Where the machine's runner and its tests call in: a port of the host's loopback. */
export class GuestLink {
  readonly #server: Server;
  readonly #answer: (question: Question) => Promise<void>;
  readonly #running = new Map<number, Running>();
  readonly #up: Promise<Up>;
  #isUp: (word: Up) => void = () => {};
  #runner: Socket | null = null;
  #lastId = 0;

  /** `answer` does what a test asks for; what it throws is told to the test. */
  constructor(answer: (question: Question) => Promise<void>) {
    this.#answer = answer;
    this.#up = new Promise((done) => {
      this.#isUp = done;
    });
    this.#server = createServer((socket) => {
      socket.on("error", () => {});
      void this.#serve(socket).catch(() => socket.destroy());
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as { port: number }).port;
  }

  /** Resolves when the runner has called in. */
  up(): Promise<Up> {
    return this.#up;
  }

  /** Runs one test file; `onOutput` gets what it prints. */
  async run(
    file: string,
    timeoutMs: number,
    env: Record<string, string>,
    onOutput: (text: string) => void,
  ): Promise<TestEnd> {
    const id = ++this.#lastId;
    const ended = new Promise<TestEnd>((done) => this.#running.set(id, { onOutput, done }));
    this.#order({ kind: "run", id, file, timeoutMs, env });
    return await ended;
  }

  powerOff(): void {
    this.#order({ kind: "power-off" });
  }

  close(): void {
    this.#runner?.destroy();
    this.#server.close();
  }

  #order(order: Order): void {
    if (this.#runner === null) throw new Error("the machine has not called in");
    sendLine(this.#runner, order);
  }

  async #serve(socket: Socket): Promise<void> {
    for await (const word of linesOf<RunnerWord | Question>(socket)) {
      switch (word.kind) {
        case "up":
          this.#runner = socket;
          this.#isUp(word);
          break;
        case "output":
          this.#running.get(word.id)?.onOutput(word.text);
          break;
        case "ended":
          this.#running.get(word.id)?.done({ code: word.code, tally: word.tally as Tally | null });
          this.#running.delete(word.id);
          break;
        case "plug":
        case "unplug":
        case "press":
        case "measured":
        case "line":
          sendLine(socket, await this.#answered(word));
          break;
      }
    }
  }

  async #answered(question: Question): Promise<Answer> {
    try {
      await this.#answer(question);
      return { ok: true };
    } catch (error) {
      return { ok: false, error: (error as Error).message };
    }
  }
}
