import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { writeDurably } from "../../../config/base/durable.ts";

/** From when until when an order holds, by the wall clock. */
export interface Spell {
  fromMs: number;
  untilMs: number;
}

/** What of the upload policy outlives a restart. */
export interface PolicyState {
  pause: Spell | null;
  /** Everything goes, whatever the rules say. */
  now: Spell | null;
  /** Recordings that a person moved to the front, the last ordered first. */
  first: string[];
  /** Media bytes by local day and network: never fewer than were sent. */
  days: Record<string, Record<string, number>>;
}

export const NO_ORDERS: PolicyState = { pause: null, now: null, first: [], days: {} };

const bytes = v.pipe(v.number(), v.minValue(0));
const spell = v.nullable(v.strictObject({ fromMs: v.number(), untilMs: v.number() }));
const schema = v.strictObject({
  pause: spell,
  now: spell,
  first: v.array(v.string()),
  days: v.record(v.string(), v.record(v.string(), bytes)),
});

/** Keeps the state in `sync-policy.json` of the data directory. */
export class PolicyFile {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, "sync-policy.json");
  }

  /** Null: it cannot be read. What was spent is then not known, and what was ordered is forgotten. */
  load(): PolicyState | null {
    if (!existsSync(this.#path)) return NO_ORDERS;
    try {
      return v.parse(schema, JSON.parse(readFileSync(this.#path, "utf8")));
    } catch {
      return null;
    }
  }

  save(state: PolicyState): void {
    writeDurably(this.#path, JSON.stringify(state), 0o640);
  }
}
