import type { Clock } from "../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import type { Link, OpenLink } from "../../../sync/link/link.ts";
import { KIB, MAX_UP_PACKET_BYTES } from "../../../sync/wire/limits.ts";
import { type Address, probeClientId, probeTopic } from "../../../sync/wire/topics.ts";
import { type Spread, spreadOf } from "../spread.ts";

/** How fast one window is. */
export interface WindowRate {
  /** Parts on their way at once. */
  parts: number;
  sent: number;
  bytes_per_s: number;
}

export interface BrokerMeasures {
  /** Until the broker has accepted the connection and the subscription. */
  connect_ms: number;
  /** From sending a small message to its PUBACK. */
  round_trip: Spread;
  /** From sending it to its coming back; null: the access list lets nobody read the probe's topic. */
  echo: Spread | null;
  part_bytes: number;
  windows: WindowRate[];
  /** The least window that has nine tenths of the best rate. */
  saturating_parts: number;
  bytes_per_s: number;
}

export interface BrokerParts {
  openLink: OpenLink;
  address: Address;
  clock: Clock;
  random: Random;
}

export interface BrokerWishes {
  partBytes: number;
  /** How long each window is filled. */
  stepMs: number;
}

const SMALL_BYTES = 64;
const TRIPS = 20;
/** As far as the exchange itself goes (sync-protocol, "Exchange"). */
const WINDOWS = [1, 2, 4, 8] as const;
/** A fast broker would take gigabytes in the same time. */
const MAX_PARTS = 512;
const ANSWER_MS = 30_000;
/** A message that has its PUBACK comes back soon, or never. */
const ECHO_MS = 2_000;
const SATURATED = 0.9;

/**
 * Measures the way to the broker under a client id and a topic of its own (sync-protocol, "The probe's topic"): a
 * running device keeps its link, and no receiver hears of it. Throws what opening throws, `broker-silent` for a
 * message without an acknowledgement, or why the link ended.
 */
export async function measureBroker(
  parts: BrokerParts,
  wishes: BrokerWishes,
  signal: AbortSignal,
): Promise<BrokerMeasures> {
  const trips = await measureTrips(parts, signal);
  // without a subscription: what is sent does not come back down the same line
  const link = await parts.openLink(sessionOf(parts.address, []), signal);
  try {
    const partBytes = Math.min(wishes.partBytes, link.maxPayloadBytes);
    const payload = parts.random.bytes(partBytes);
    const windows: WindowRate[] = [];
    for (const window of WINDOWS)
      windows.push(await new Sending(parts, link, payload, signal).fill(window, wishes.stepMs));
    const best = Math.max(...windows.map(({ bytes_per_s: rate }) => rate));
    const saturating = windows.find(({ bytes_per_s: rate }) => rate >= best * SATURATED) as WindowRate;
    return {
      ...trips,
      part_bytes: partBytes,
      windows,
      saturating_parts: saturating.parts,
      bytes_per_s: best,
    };
  } finally {
    await link.close();
  }
}

async function measureTrips(
  { openLink, address, clock, random }: BrokerParts,
  signal: AbortSignal,
): Promise<Pick<BrokerMeasures, "connect_ms" | "round_trip" | "echo">> {
  const topic = probeTopic(address);
  const beganUs = clock.monoUs();
  const link = await openLink(sessionOf(address, [topic]), signal);
  const connectMs = Math.round((clock.monoUs() - beganUs) / 1000);
  const echoes = new Map<string, () => void>();
  link.deliverTo(({ payload }) => echoes.get(payload.toString("hex"))?.());
  const takenUs: number[] = [];
  const echoedUs: number[] = [];
  let isEchoed = true;
  try {
    for (let trip = 0; trip < TRIPS; trip++) {
      const payload = random.bytes(SMALL_BYTES);
      const sentUs = clock.monoUs();
      const echo = new Promise<void>((resolve) => echoes.set(payload.toString("hex"), resolve)).then(() => {
        echoedUs.push(clock.monoUs() - sentUs);
      });
      const taken = new Promise<void>((resolve) => {
        void link.publish({ topic, payload, onTaken: resolve });
      }).then(() => takenUs.push(clock.monoUs() - sentUs));
      await within(taken, ANSWER_MS, link, { clock, signal });
      // told once: a list that forbids it forbids it for all
      if (isEchoed)
        isEchoed = await within(echo, ECHO_MS, link, { clock, signal }).then(
          () => true,
          (error: unknown) => {
            if (errorCode(error) !== "broker-silent") throw error;
            return false;
          },
        );
      echoes.clear();
    }
  } finally {
    await link.close();
  }
  return {
    connect_ms: connectMs,
    round_trip: spreadOf(takenUs) as Spread,
    echo: isEchoed ? spreadOf(echoedUs) : null,
  };
}

/** One window filled for a while. */
class Sending {
  readonly #parts: BrokerParts;
  readonly #link: Link;
  readonly #payload: Buffer;
  readonly #signal: AbortSignal;
  #onTaken: () => void = () => {};
  #taken = 0;
  #sent = 0;

  constructor(parts: BrokerParts, link: Link, payload: Buffer, signal: AbortSignal) {
    this.#parts = parts;
    this.#link = link;
    this.#payload = payload;
    this.#signal = signal;
  }

  async fill(window: number, stepMs: number): Promise<WindowRate> {
    const { clock } = this.#parts;
    const beganUs = clock.monoUs();
    const isOver = () => this.#sent >= MAX_PARTS || clock.monoUs() - beganUs >= stepMs * 1000;
    do {
      while (this.#sent - this.#taken < window && (this.#sent < window || !isOver())) this.#send();
      await this.#untilUnderWay(window - 1);
    } while (!isOver());
    await this.#untilUnderWay(0);
    const seconds = Math.max(clock.monoUs() - beganUs, 1) / 1e6;
    const bytes = this.#sent * this.#payload.length;
    return { parts: window, sent: this.#sent, bytes_per_s: Math.round(bytes / seconds) };
  }

  #send(): void {
    const topic = probeTopic(this.#parts.address);
    this.#sent++;
    const onTaken = () => {
      this.#taken++;
      this.#onTaken();
    };
    // false where the link has ended, which is told to whoever waits
    void this.#link.publish({ topic, payload: this.#payload, onTaken });
  }

  async #untilUnderWay(most: number): Promise<void> {
    while (this.#sent - this.#taken > most) {
      const taken = new Promise<void>((resolve) => {
        this.#onTaken = resolve;
      });
      await within(taken, ANSWER_MS, this.#link, { clock: this.#parts.clock, signal: this.#signal });
    }
  }
}

function sessionOf({ dev }: Address, subscriptions: string[]) {
  return { clientId: probeClientId(dev), subscriptions, maxInboundBytes: MAX_UP_PACKET_BYTES + KIB };
}

/** Throws `broker-silent` when it takes longer, why the link ended, or the signal's reason. */
async function within(
  awaited: Promise<unknown>,
  timeoutMs: number,
  link: Link,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const over = new AbortController();
  const late = clock.sleep(timeoutMs, AbortSignal.any([signal, over.signal])).then(() => {
    throw new AgentError("broker-silent", `no answer in ${timeoutMs} ms`);
  });
  late.catch(() => {});
  const ended = link.ended.then((reason) => {
    throw reason;
  });
  ended.catch(() => {});
  try {
    await Promise.race([awaited, late, ended]);
  } finally {
    over.abort();
  }
}
