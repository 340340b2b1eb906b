import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Clock } from "../../config/base/clock.ts";
import type { Counters } from "../../config/base/counters.ts";
import { aborted } from "../../config/base/deadline.ts";
import { errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { EntryTime } from "../../crypto/entry/envelope.ts";
import {
  type DockingStatus,
  encodeAnswer,
  MAX_DATAGRAM_BYTES,
  parseAsk,
} from "../../drivers/recorders/fulltrace/wire.ts";
import type { Device } from "../device/device.ts";
import { AGENT_VERSION } from "../version.ts";

export interface DockingPortParts {
  /** `address:port`; `[ff02::1%usb0]:7947` hears whoever asks on that interface, and nobody else. */
  listen: string;
  /** What is told; null: nothing yet. */
  read: () => DockingStatus | null;
  clock: Clock;
  log: Logger;
  counters: Counters;
}

/** An interface comes with its cable. */
const LOOK_EVERY_MS = 5_000;
/** A dock asks a few times a minute; whoever asks more is not answered. */
const ANSWERS_AT_ONCE = 20;
const ANSWER_EVERY_US = 100_000;

/**
 * Answers a dock that asks how this recorder stands (docs/docking-port.md), until the signal aborts. It only
 * ever tells: nothing that is sent here changes anything.
 */
export async function keepDockingPort(parts: DockingPortParts, signal: AbortSignal): Promise<void> {
  const { listen, clock, log } = parts;
  let isTold = false;
  while (!signal.aborted) {
    try {
      await answerUntilLost(parts, signal);
      isTold = false;
    } catch (error) {
      if (!isTold) log.info({ listen, code: errorCode(error) }, "docking port not open");
      isTold = true;
    }
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {});
  }
}

/** Resolves when the signal aborts; rejects when the socket cannot be opened, or is lost with its interface. */
function answerUntilLost(
  { listen, read, clock, log, counters }: DockingPortParts,
  signal: AbortSignal,
): Promise<void> {
  const { host, port } = splitListen(listen);
  const socket = createSocket(isIPv6(host.replace(/%.*/, "")) ? "udp6" : "udp4");
  const restraint = new Restraint(clock);
  socket.on("message", (datagram, { address, port: from }) => {
    const nonce = datagram.length > MAX_DATAGRAM_BYTES ? null : parseAsk(datagram);
    if (nonce === null) counters.add("docking-ask-malformed");
    else if (!restraint.allows()) counters.add("docking-ask-unanswered");
    else answer(socket, nonce, read(), { address, port: from }, counters);
  });
  return new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    void aborted(signal).then(resolve);
    socket.bind({ address: host, port }, () => log.info({ listen }, "docking port open"));
  }).finally(() => socket.close());
}

function answer(
  socket: Socket,
  nonce: string,
  status: DockingStatus | null,
  to: { address: string; port: number },
  counters: Counters,
): void {
  if (status === null) return;
  const datagram = encodeAnswer(nonce, status);
  // the dock asks again
  const sent = (error: Error | null) => {
    if (error !== null) counters.add("docking-answer-lost");
  };
  if (datagram.length > 0) socket.send(datagram, to.port, to.address, sent);
}

/** So many answers at once, and then one for each while. */
class Restraint {
  readonly #clock: Clock;
  #tokens = ANSWERS_AT_ONCE;
  #lastUs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastUs = clock.monoUs();
  }

  allows(): boolean {
    const nowUs = this.#clock.monoUs();
    const earned = Math.floor((nowUs - this.#lastUs) / ANSWER_EVERY_US);
    this.#lastUs += earned * ANSWER_EVERY_US;
    this.#tokens = Math.min(ANSWERS_AT_ONCE, this.#tokens + earned);
    if (this.#tokens === 0) return false;
    this.#tokens--;
    return true;
  }
}

/**
 * How a recorder stands, for its dock: no secrets, no positions. null while the ledger has no checkpoint yet.
 * `battery_pct` and `charging` come from the control board, where there is one.
 */
export function dockingStatus(
  device: Device,
  { serial, model }: { serial: string; model: string },
  { clock }: { clock: Clock },
  own: { recording: boolean; battery_pct?: number; charging?: boolean },
): DockingStatus | null {
  const { reader } = device;
  const note = reader.newestCheckpoint()?.note;
  if (note === undefined) return null;
  const { dev = reader.dev, free_bytes, sync, alarms } = device.status();
  return {
    dev,
    serial,
    model,
    agent: `fulltrace/${AGENT_VERSION}`,
    checkpoint: note,
    ...own,
    backlog_entries: sync?.backlog_entries ?? reader.size(),
    backlog_bytes: sync?.backlog_bytes ?? 0,
    oldest_ms: sync?.oldest_ms ?? 0,
    free_bytes,
    alarms: alarms.map(({ code }) => code),
    utc_ms: clock.utcMs(),
    clock_src: (reader.body(reader.size() - 1).t as unknown as EntryTime).src,
  };
}

/** The configuration has checked the form. */
function splitListen(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(":");
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(listen.slice(colon + 1)) };
}
