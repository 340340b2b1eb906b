import { existsSync, readFileSync } from "node:fs";
import type { Rauc } from "../../../agent/update/rauc/rauc.ts";
import {
  type Bundle,
  readBundle,
  type Slot,
  type SlotName,
  type UpdateStatus,
} from "../../../agent/update/rauc/told.ts";
import { AgentError } from "../../../config/base/errors.ts";

export const COMPATIBLE = "fulltrace-recorder-test";

/** RAUC as a program: two slots, and bundles that are a line of JSON, `signed` or not. */
export class SimulatedRauc implements Rauc {
  booted: SlotName = "A";
  readonly held: Record<SlotName, Bundle | null> = { A: null, B: null };
  readonly tries: Record<SlotName, number> = { A: 2, B: 3 };
  #isBusy = false;
  /** What is called while a slot is being written. */
  whileWriting: () => Promise<void> = async () => {};
  /** And when it has been. */
  afterWriting: () => Promise<void> = async () => {};

  async inspect(bundle: string): Promise<Bundle> {
    if (!existsSync(bundle)) throw new AgentError("bundle-missing", bundle);
    const told = JSON.parse(readFileSync(bundle, "utf8")) as { signed?: boolean };
    if (told.signed !== true) throw new AgentError("bundle-unsigned", bundle);
    return readBundle(JSON.stringify(told));
  }

  async install(bundle: string): Promise<void> {
    const told = await this.inspect(bundle);
    if (told.compatible !== COMPATIBLE) throw new AgentError("bundle-other-board", told.compatible);
    const other = this.booted === "A" ? "B" : "A";
    this.tries[other] = 0;
    this.#isBusy = true;
    await this.whileWriting();
    this.#isBusy = false;
    this.held[other] = told;
    this.tries[other] = 3;
    await this.afterWriting();
  }

  async status(): Promise<UpdateStatus> {
    if (this.#isBusy) throw new AgentError("rauc-failed", "already processing a different method");
    const slot = (name: SlotName): Slot => ({
      name,
      booted: this.booted === name,
      good: this.tries[name] > 0,
      holds: this.held[name],
    });
    return { compatible: COMPATIBLE, slots: [slot("A"), slot("B")] };
  }

  async good(): Promise<void> {
    this.tries[this.booted] = 3;
  }
}

/** What `SimulatedRauc` takes for a bundle. */
export function simulatedBundle(version: string, change: object = {}): string {
  return JSON.stringify({ signed: true, compatible: COMPATIBLE, version, ...change });
}
