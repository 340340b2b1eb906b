import { AgentError } from "../../../config/base/errors.ts";
import type { UsbLink } from "../../../drivers/usb/usb-link.ts";
import type { ManualClock } from "../surroundings.ts";

/** What becomes of one transfer: bytes that come, `ok` for what goes out, or the code of its error. */
export type Outcome = Uint8Array | "ok" | "usb-stall" | "usb-timeout" | "usb-gone" | "usb-overflow";

/**
 * A link whose bulk transfers end as a script says, in its order; a transfer that the script does not have fails
 * the test. `trace` tells all that was done: `out 31`, `in 36`, `clear 81`, `class-reset 0`, `reset`.
 */
export class ScriptedLink implements UsbLink {
  readonly trace: string[] = [];
  /** What went out, in order. */
  readonly sent: Buffer[] = [];
  /** Time limits of the bulk transfers, in order. */
  readonly timeoutsMs: number[] = [];
  readonly #script: Outcome[];
  readonly #clock: ManualClock;
  /** How long each bulk transfer takes. */
  transferMs = 0;
  /** What the class reset on endpoint 0 ends in. */
  classReset: "ok" | "usb-stall" | "usb-timeout" | "usb-gone" = "ok";

  constructor(clock: ManualClock, ...script: Outcome[]) {
    this.#clock = clock;
    this.#script = script;
  }

  /** Goes on with these. */
  goesOn(...script: Outcome[]): void {
    this.#script.push(...script);
  }

  async controlIn(): Promise<Uint8Array> {
    throw new Error("no command of a disk reads on endpoint 0");
  }

  async controlOut({ requestType, request, index }: Parameters<UsbLink["controlOut"]>[0]): Promise<void> {
    const isReset = requestType === 0x21 && request === 0xff;
    this.trace.push(isReset ? `class-reset ${index}` : `control ${requestType}/${request}`);
    if (this.classReset !== "ok") throw new AgentError(this.classReset, "endpoint 0");
  }

  async bulkIn(endpoint: number, length: number, timeoutMs: number): Promise<Uint8Array> {
    const outcome = this.#next(`in ${length}`, endpoint, 0x81, timeoutMs);
    if (outcome === "ok") throw new Error("nothing comes of ok");
    return outcome;
  }

  async bulkOut(endpoint: number, bytes: Uint8Array, timeoutMs: number): Promise<void> {
    this.sent.push(Buffer.from(bytes));
    this.#next(`out ${bytes.length}`, endpoint, 0x02, timeoutMs);
  }

  async clearHalt(endpoint: number): Promise<void> {
    this.trace.push(`clear ${endpoint.toString(16).padStart(2, "0")}`);
  }

  async reset(): Promise<void> {
    this.trace.push("reset");
  }

  async close(): Promise<void> {}

  #next(what: string, endpoint: number, expected: number, timeoutMs: number): Uint8Array | "ok" {
    if (endpoint !== expected) throw new Error(`endpoint ${endpoint}`);
    this.trace.push(what);
    this.timeoutsMs.push(timeoutMs);
    this.#clock.advance(this.transferMs);
    const outcome = this.#script.shift();
    if (outcome === undefined) throw new Error(`${what}: not in the script`);
    if (typeof outcome === "string" && outcome !== "ok") throw new AgentError(outcome, what);
    return outcome;
  }
}
