import type { Clock } from "../../../config/base/clock.ts";
import { errorCode } from "../../../config/base/errors.ts";
import type { Logger } from "../../../config/base/logger.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Preference } from "../outbox/wanted.ts";
import { NO_ORDERS, PolicyFile, type PolicyState } from "./policy-file.ts";
import { currentRoute } from "./route.ts";
import type { NetworkRule, Route } from "./rules.ts";
import { type SendPolicy, timed } from "./send-policy.ts";
import { type Moment, type PolicyView, UploadPolicy } from "./upload-policy.ts";
import { type QueueView, queueOf } from "./upload-queue.ts";

const LOOK_MS = 15_000;

export interface PolicyDeskParts {
  dataDir: string;
  rules: readonly NetworkRule[];
  order: readonly Preference[];
  clock: Clock;
  log: Logger;
  /** Where packets go; injected in tests. */
  route?: () => Promise<Route | null>;
  /** What may be sent is another. */
  onChange: () => void;
}

/** The upload policy of a running device: knows the network and the time, takes orders, and keeps them on disk. */
export class PolicyDesk {
  readonly sending: SendPolicy;
  readonly #parts: PolicyDeskParts;
  readonly #policy: UploadPolicy;
  readonly #file: PolicyFile;

  constructor(parts: PolicyDeskParts) {
    this.#parts = parts;
    this.#file = new PolicyFile(parts.dataDir);
    const state = this.#file.load();
    if (state === null) parts.log.error("upload orders cannot be read, and are forgotten");
    this.#policy = new UploadPolicy(parts.rules, parts.order, state ?? NO_ORDERS, (next) => this.#save(next));
    this.sending = timed(this.#policy, () => this.#at());
  }

  /** Keeps up with the network until the signal aborts; without rules there is nothing to keep up with. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#parts.rules.length > 0) {
      await this.look();
      await this.#parts.clock.sleep(LOOK_MS, signal).catch(() => {});
    }
  }

  /** Takes in which network it is now. */
  async look(): Promise<void> {
    const { route = currentRoute, onChange, log } = this.#parts;
    if (!this.#policy.routeIs(await route())) return;
    log.info({ network: this.view().network }, "upload rule");
    onChange();
  }

  pause(minutes: number): number {
    return this.#ordered((at) => this.#policy.pause(minutes, at));
  }

  resume(): void {
    this.#ordered(() => this.#policy.resume());
  }

  now(minutes: number): number {
    return this.#ordered((at) => this.#policy.now(minutes, at));
  }

  first(rec: string): void {
    this.#ordered(() => this.#policy.first(rec));
  }

  view(): PolicyView {
    return this.#policy.view(this.#at());
  }

  queue(outbox: Outbox, limit: number, sentBytesS: number | null): QueueView {
    const at = this.#at();
    const going = this.#policy.orderAt(at);
    return queueOf({
      rows: outbox.waiting(this.#parts.order, this.#policy.firsts),
      first: this.#policy.firsts,
      going: outbox.waiting(going.order, going.first),
      view: this.#policy.view(at),
      limit,
      sentBytesS,
    });
  }

  /** An orderly end. */
  close(): void {
    this.#policy.close();
  }

  #ordered<Result>(order: (at: Moment) => Result): Result {
    const result = order(this.#at());
    this.#parts.onChange();
    return result;
  }

  /** A disk that takes nothing stops no upload: the orders then last as long as this run. */
  #save(state: PolicyState): void {
    try {
      this.#file.save(state);
    } catch (error) {
      this.#parts.log.error({ err: error, code: errorCode(error) }, "upload orders cannot be written");
    }
  }

  #at(): Moment {
    const { clock } = this.#parts;
    return momentOf(clock.utcMs(), clock.monoUs() / 1000);
  }
}

/** Local day and minute in the zone of this machine. */
function momentOf(utcMs: number, monoMs: number): Moment {
  const local = new Date(utcMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}`;
  return { utcMs, monoMs, day, minute: local.getHours() * 60 + local.getMinutes() };
}
