import type { Clock } from "../../config/base/clock.ts";
import { Counters } from "../../config/base/counters.ts";
import type { Health, Presence } from "../wire/messages.ts";
import type { DeviceAnswers, ReplicaState } from "./store/letters.ts";

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

  refused(dev: string, code: string): void {
    this.#records.get(dev)?.counters.add(code);
  }

  answered({ dev, replica, problems, refusals }: DeviceAnswers): void {
    const record = this.#records.get(dev);
    if (record === undefined) return;
    if (replica !== null) record.replica = replica;
    for (const { code } of refusals) record.counters.add(code);
    for (const { code } of problems) record.counters.add(`rule:${code}`);
    const said = problems.map(({ code, seq, detail }) => `${code}: seq ${seq}: ${detail}`);
    record.problems = [...record.problems, ...said].slice(-MAX_PROBLEMS);
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
