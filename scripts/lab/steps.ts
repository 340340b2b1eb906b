import { systemClock } from "../../config/base/clock.ts";
import type { LabRow } from "./table.ts";

export interface Done<Value> {
  value: Value;
  /** What stands in the row beside the time. */
  detail: string;
}

/** The rows of a run, in the order in which its steps were done. */
export class Steps {
  readonly rows: LabRow[] = [];

  get allWell(): boolean {
    return this.rows.every(({ ok }) => ok);
  }

  add(row: LabRow): void {
    if (!row.ok) console.error(`lab: ${row.step} FAILED: ${row.detail}`);
    this.rows.push(row);
  }

  /** Does one step and enters its row; null: it failed. */
  async step<Value>(name: string, work: () => Promise<Done<Value>>): Promise<Value | null> {
    console.error(`lab: ${name}`);
    const startUs = systemClock.monoUs();
    const seconds = () => (systemClock.monoUs() - startUs) / 1e6;
    try {
      const { value, detail } = await work();
      this.add({ step: name, ok: true, seconds: seconds(), detail });
      return value;
    } catch (error) {
      this.add({ step: name, ok: false, seconds: seconds(), detail: (error as Error).message });
      return null;
    }
  }
}
