import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { syncDirectory, writeDurably } from "../../../config/base/durable.ts";
import { isVersion } from "../rules/version.ts";

const shape = v.strictObject({
  version: v.pipe(v.string(), v.check(isVersion, "no version")),
  from: v.picklist(["A", "B"]),
});
/** An update that was installed and has not yet shown that it runs: its version, and the slot that ran before. */
export type Trial = v.InferOutput<typeof shape>;
/** There is one, and its record cannot be read. */
export type LostTrial = { version: null; from: null };

/** The trial that is under way, in `update/trial.json` of the data directory: it outlives both slots. */
export class TrialBook {
  readonly #folder: string;
  readonly #file: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, "update");
    this.#file = join(this.#folder, "trial.json");
  }

  /** null: none. What cannot be read must not pass for none: it would be good without having shown anything. */
  read(): Trial | LostTrial | null {
    if (!existsSync(this.#file)) return null;
    try {
      return v.parse(shape, JSON.parse(readFileSync(this.#file, "utf8")));
    } catch {
      return { version: null, from: null };
    }
  }

  /** Durable when it returns. */
  begin(trial: Trial): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
    writeDurably(this.#file, `${JSON.stringify(trial)}\n`, 0o640);
  }

  end(): void {
    rmSync(this.#file, { force: true });
    syncDirectory(this.#folder);
  }
}
