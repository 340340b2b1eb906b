import type { Counters } from "../../../config/base/counters.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import type {
  BatteryLevel,
  Capability,
  Listed,
  RecorderDriver,
  RecorderIdentity,
  Wearer,
} from "../recorder-driver.ts";
import { askStatus, type DockingAddress } from "./docking-question.ts";
import { usbNetwork } from "./usb-network.ts";
import { checkpointSize, DOCKING_PORT, type DockingAnswer } from "./wire.ts";

export interface FulltraceOptions {
  /** The USB port of the recorder, or the address where it is known to listen. */
  at:
    | { kind: "usb"; port: string; usbDevices?: string }
    /** `isThere`: whether it is still docked, where something tells; without it a pulled one is only silent. */
    | { kind: "address"; address: DockingAddress; isThere?: () => boolean };
  /** UDP port of recorders on USB. */
  udpPort?: number;
  random: Random;
  counters: Counters;
  /**
   * True if the note is a checkpoint signed by the key of `dev`. Without it the checkpoint is a claim like all
   * the rest of an answer.
   */
  verifyCheckpoint?: (note: string, dev: string) => boolean;
  repeatMs?: number;
  timeoutMs?: number;
}

/** How a recorder of our own stands. All but a verified checkpoint is what it claims. */
export interface FulltraceStanding {
  dev: string;
  agent: string;
  checkpoint: { note: string; size: number; isVerified: boolean };
  battery?: BatteryLevel;
  isRecording: boolean;
  backlogEntries: number;
  backlogBytes: number;
  /** Age of the oldest evidence that is not at the receiver. */
  oldestMs: number;
  freeBytes: number;
  alarms: string[];
  utcMs: number;
  clockSource: DockingAnswer["clock_src"];
}

export interface FulltraceDriver extends RecorderDriver {
  /** Asks anew. Throws `recorder-gone`, `recorder-silent`, `recorder-answer`. */
  standing(signal: AbortSignal): Promise<FulltraceStanding>;
}

const REPEAT_MS = 400;
const TIMEOUT_MS = 4_000;

/**
 * A recorder that runs our own agent, docked over USB networking: it syncs by itself, and is only asked how it
 * stands. Resolves when it has answered once.
 */
export async function openFulltrace(
  options: FulltraceOptions,
  signal: AbortSignal,
): Promise<FulltraceDriver> {
  const asking = new Asking(options);
  return new Fulltrace(asking, await asking.ask(signal));
}

/** Asks whoever is at the port; once one has answered, nobody else. */
class Asking {
  readonly #options: FulltraceOptions;
  #dev: string | null = null;
  readonly #closed = new AbortController();

  constructor(options: FulltraceOptions) {
    this.#options = options;
  }

  async ask(signal: AbortSignal): Promise<DockingAnswer> {
    signal.throwIfAborted();
    const { random, counters, repeatMs = REPEAT_MS, timeoutMs = TIMEOUT_MS } = this.#options;
    const address = this.#address();
    const isBelieved = (answer: DockingAnswer) => this.#isBelieved(answer);
    const parts = { random, counters, repeatMs, timeoutMs, isBelieved };
    const either = AbortSignal.any([signal, this.#closed.signal]);
    try {
      const answer = await askStatus(address, parts, either);
      this.#dev ??= answer.dev;
      return answer;
    } catch (error) {
      // silence, and no interface any more: it was pulled out while it was asked
      if (!signal.aborted) this.#address();
      throw error;
    }
  }

  get isVerifying(): boolean {
    return this.#options.verifyCheckpoint !== undefined;
  }

  close(): void {
    this.#closed.abort(new AgentError("recorder-gone", "closed"));
  }

  #isBelieved({ dev, checkpoint }: DockingAnswer): boolean {
    if (this.#dev !== null && this.#dev !== dev) return false;
    try {
      return this.#options.verifyCheckpoint?.(checkpoint, dev) ?? true;
    } catch {
      // a note that a verifier chokes on is not signed either
      return false;
    }
  }

  /** All nodes on the recorder's interface: RFC 4291 §2.7.1. */
  #address(): DockingAddress {
    if (this.#closed.signal.aborted) throw this.#closed.signal.reason;
    const { at, udpPort = DOCKING_PORT } = this.#options;
    if (at.kind === "address") {
      const { address, isThere = () => true } = at;
      if (!isThere()) throw new AgentError("recorder-gone", `${address.host} port ${address.port}`);
      return address;
    }
    const name = usbNetwork(at.port, at.usbDevices);
    if (name === null) throw new AgentError("recorder-gone", `USB port ${at.port}: no network interface`);
    return { host: `ff02::1%${name}`, port: udpPort };
  }
}

class Fulltrace implements FulltraceDriver {
  readonly name = "fulltrace";
  readonly capabilities: ReadonlySet<Capability>;
  readonly #asking: Asking;

  constructor(asking: Asking, first: DockingAnswer) {
    this.#asking = asking;
    this.capabilities = new Set<Capability>(
      first.battery_pct === undefined ? ["clock-read"] : ["battery", "clock-read"],
    );
  }

  async identify(signal: AbortSignal): Promise<RecorderIdentity> {
    const { serial, model, agent } = await this.#asking.ask(signal);
    return { serial, model, firmware: agent };
  }

  async battery(signal: AbortSignal): Promise<BatteryLevel> {
    if (!this.capabilities.has("battery")) throw unsupported("battery");
    const level = batteryOf(await this.#asking.ask(signal));
    if (level === undefined) throw new AgentError("recorder-answer", "no battery any more");
    return level;
  }

  async readClock(signal: AbortSignal): Promise<number> {
    return (await this.#asking.ask(signal)).utc_ms;
  }

  async standing(signal: AbortSignal): Promise<FulltraceStanding> {
    const answer = await this.#asking.ask(signal);
    const battery = batteryOf(answer);
    const size = checkpointSize(answer) ?? 0;
    return {
      dev: answer.dev,
      agent: answer.agent,
      checkpoint: { note: answer.checkpoint, size, isVerified: this.#asking.isVerifying },
      ...(battery === undefined ? {} : { battery }),
      isRecording: answer.recording,
      backlogEntries: answer.backlog_entries,
      backlogBytes: answer.backlog_bytes,
      oldestMs: answer.oldest_ms,
      freeBytes: answer.free_bytes,
      alarms: answer.alarms,
      utcMs: answer.utc_ms,
      clockSource: answer.clock_src,
    };
  }

  list(): AsyncIterable<Listed> {
    return refusing(unsupported("files"));
  }

  sourceOf(): null {
    return null;
  }

  read(): AsyncIterable<Uint8Array> {
    return refusing(unsupported("files"));
  }

  async remove(): Promise<void> {
    throw unsupported("remove");
  }

  async setClock(): Promise<void> {
    throw unsupported("clock-set");
  }

  async readWearer(): Promise<Wearer> {
    throw unsupported("wearer-read");
  }

  async writeWearer(): Promise<void> {
    throw unsupported("wearer-write");
  }

  async showLamp(): Promise<void> {
    throw unsupported("lamp");
  }

  async restart(): Promise<void> {
    throw unsupported("restart");
  }

  async switchToDisk(): Promise<void> {
    throw unsupported("switch-to-disk");
  }

  async close(): Promise<void> {
    this.#asking.close();
  }
}

function batteryOf({ battery_pct, charging }: DockingAnswer): BatteryLevel | undefined {
  if (battery_pct === undefined) return undefined;
  return { percent: battery_pct, ...(charging === undefined ? {} : { charging }) };
}

function unsupported(what: Capability): AgentError {
  return new AgentError("unsupported", `fulltrace: ${what}`);
}

function refusing<Item>(error: AgentError): AsyncIterable<Item> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
