import type { Clock } from "../../../config/base/clock.ts";
import type { Replica } from "../../../crypto/ledger/replica/replica.ts";

const IDLE_MS = 60_000;

interface OpenReplica {
  replica: Replica;
  lastUseUs: number;
}

/** The replicas whose databases are open: a bounded set, the least recently used gives way. */
export class OpenReplicas {
  readonly #open: (dev: string) => Replica;
  readonly #limit: number;
  readonly #clock: Clock;
  /** Least recently used first. */
  readonly #replicas = new Map<string, OpenReplica>();

  constructor(open: (dev: string) => Replica, limit: number, clock: Clock) {
    this.#open = open;
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Stays open at least until `limit` other devices were asked for. Throws what opening throws. */
  get(dev: string): Replica {
    const found = this.#replicas.get(dev);
    this.#replicas.delete(dev);
    if (found === undefined) this.#makeRoom();
    const replica = found?.replica ?? this.#open(dev);
    this.#replicas.set(dev, { replica, lastUseUs: this.#clock.monoUs() });
    return replica;
  }

  closeIdle(): void {
    const limitUs = this.#clock.monoUs() - IDLE_MS * 1000;
    for (const [dev, { replica, lastUseUs }] of this.#replicas) {
      if (lastUseUs >= limitUs) return;
      this.#replicas.delete(dev);
      replica.close();
    }
  }

  closeAll(): void {
    for (const { replica } of this.#replicas.values()) replica.close();
    this.#replicas.clear();
  }

  #makeRoom(): void {
    for (const [dev, { replica }] of this.#replicas) {
      if (this.#replicas.size < this.#limit) return;
      this.#replicas.delete(dev);
      replica.close();
    }
  }
}
