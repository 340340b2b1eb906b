import type { Clock } from "../../config/base/clock.ts";
import { Counters } from "../../config/base/counters.ts";
import type { Problem } from "../../crypto/proof/verdict.ts";
import type { Health, Presence } from "../wire/messages.ts";
import type { ReplicaState } from "./store/letters.ts";

const MAX_PROBLEMS = 20;

/** What is known of one device, for `status`. */
export interface DeviceStatus {
  dev: string;
  /** As its retained `state` says; null: never said. */
  presence: Presence | null;
  /** Wall clock, ms; null: not heard since the receiver started. */
  lastSeenMs: number | null;
  /** Null until it was heard. */
  replica: ReplicaState | null;
  health: Health | null;
  /** Refusals by code, and breaches of ledger-format §5 as `rule:<code>`. */
  counts: Record<string, number>;
  /** The last breaches, newest last. */
  problems: string[];
}

interface DeviceRecord extends Omit<DeviceStatus, "counts"> {
  counters: Counters;
}

/** The devices that the receiver serves. */
export class Roster {
  /** What devices that are not served were refused. */
  readonly strangers = new Counters();
  readonly #clock: Clock;
  readonly #records: ReadonlyMap<string, DeviceRecord>;

  constructor(devices: readonly string[], clock: Clock) {
    this.#clock = clock;
    this.#records = new Map(devices.map((dev) => [dev, emptyRecord(dev)]));
  }

  isKnown(dev: string): boolean {
    return this.#records.has(dev);
  }

  seen(dev: string): void {
    const record = this.#records.get(dev);
    if (record !== undefined) record.lastSeenMs = this.#clock.utcMs();
  }

  isNow(dev: string, presence: Presence): void {
    const record = this.#records.get(dev);
    if (record !== undefined) record.presence = presence;
  }

  reported(dev: string, health: Health): void {
    const record = this.#records.get(dev);
    if (record !== undefined) record.health = health;
  }

  /** Counts a refusal; answers how many of this code there were. Strangers are counted together. */
  refused(dev: string, code: string): number {
    const counters = this.#records.get(dev)?.counters ?? this.strangers;
    counters.add(code);
    return counters.get(code);
  }

  holds(dev: string, replica: ReplicaState): void {
    const record = this.#records.get(dev);
    if (record !== undefined) record.replica = replica;
  }

  /** Counts a breach; answers how many of this code there were. */
  broke(dev: string, { code, seq, detail }: Problem): number {
    const record = this.#records.get(dev);
    if (record === undefined) return 0;
    record.problems = [...record.problems, `${code}: seq ${seq}: ${detail}`].slice(-MAX_PROBLEMS);
    record.counters.add(`rule:${code}`);
    return record.counters.get(`rule:${code}`);
  }

  status(): DeviceStatus[] {
    return [...this.#records.values()].map(({ counters, ...record }) => ({
      ...record,
      counts: counters.snapshot(),
    }));
  }
}

function emptyRecord(dev: string): DeviceRecord {
  return {
    dev,
    presence: null,
    lastSeenMs: null,
    replica: null,
    health: null,
    problems: [],
    counters: new Counters(),
  };
}
