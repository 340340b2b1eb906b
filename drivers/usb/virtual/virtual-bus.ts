import { type FSWatcher, watch } from "node:fs";
import { lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../config/base/clock.ts";
import { Counters } from "../../../config/base/counters.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { UsbBus, UsbChange, UsbDevice, UsbLink } from "../usb-link.ts";
import { Cable } from "./virtual-link.ts";

/** `bus-port.port…`, as a name in the hub's folder. */
const PORT = /^[0-9]{1,3}-[0-9]{1,3}(\.[0-9]{1,3}){0,6}$/;
const MAX_PORTS = 256;
/** The folder tells of changes itself; this finds what it did not tell. */
const LOOK_EVERY_MS = 1_000;

export interface VirtualBusOptions {
  /** The folder whose sockets are the devices; made if it is not there. */
  hub: string;
  clock: Clock;
  lastInsertion?: number;
  warn?: (warning: { code: string; place: string; next?: string }) => void;
}

/** A bus whose devices are programs: see wire.ts. */
export class VirtualBus implements UsbBus {
  /** Devices that could not be plugged in, by code. */
  readonly counters = new Counters();
  readonly #options: VirtualBusOptions;
  readonly #plugged = new Map<string, { cable: Cable; device: UsbDevice }>();
  readonly #plugging = new Set<string>();
  readonly #closed = new AbortController();
  #lastInsertion: number;
  #looking: Promise<void> = Promise.resolve();
  #lookAgain: () => void = () => {};

  constructor(options: VirtualBusOptions) {
    this.#options = options;
    this.#lastInsertion = options.lastInsertion ?? 0;
  }

  async watch(onChange: (change: UsbChange) => void, signal: AbortSignal): Promise<void> {
    const { hub, clock } = this.#options;
    await mkdir(hub, { recursive: true });
    const until = AbortSignal.any([signal, this.#closed.signal]);
    const look = (): void => {
      this.#looking = this.#looking.then(() => this.#look(onChange, until));
    };
    this.#lookAgain = look;
    const watcher = watchFolder(hub, look);
    until.addEventListener("abort", () => watcher?.close(), { once: true });
    look();
    await this.#looking;
    void (async () => {
      while (!until.aborted) {
        await clock.sleep(LOOK_EVERY_MS, until).catch(() => {});
        look();
      }
    })();
  }

  async open(device: UsbDevice, interfaceNumber: number): Promise<UsbLink> {
    const plugged = this.#plugged.get(device.port);
    if (plugged === undefined || plugged.device.insertion !== device.insertion)
      throw new AgentError("usb-gone", device.port);
    if (!plugged.device.interfaces.some((one) => one.number === interfaceNumber))
      throw new AgentError("usb-failed", `${device.port}: no interface ${interfaceNumber}`);
    return plugged.cable.open(interfaceNumber);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#looking;
    for (const { cable } of this.#plugged.values()) cable.pull();
  }

  /** Plugs in every socket that is not yet. Never rejects. */
  async #look(onChange: (change: UsbChange) => void, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const names = await readdir(this.#options.hub).catch(() => []);
    const ports = names.filter((name) => PORT.test(name)).slice(0, MAX_PORTS);
    const missing = ports.filter((port) => !this.#plugged.has(port) && !this.#plugging.has(port));
    await Promise.all(missing.map((port) => this.#plug(port, onChange, signal)));
  }

  async #plug(port: string, onChange: (change: UsbChange) => void, signal: AbortSignal): Promise<void> {
    const path = join(this.#options.hub, port);
    this.#plugging.add(port);
    try {
      if (!(await lstat(path)).isSocket()) return;
      let device: UsbDevice | null = null;
      const onGone = (reason: AgentError): void => {
        this.#plugged.delete(port);
        if (reason.code !== "usb-gone") this.#count(reason, port);
        if (device !== null && !signal.aborted) onChange({ kind: "detached", device });
        // another one may be in the port already
        this.#lookAgain();
      };
      const { cable, descriptors } = await Cable.plug(path, port, this.#options.clock, onGone);
      device = { ...descriptors, port, insertion: ++this.#lastInsertion };
      this.#plugged.set(port, { cable, device });
      if (!signal.aborted) onChange({ kind: "attached", device });
    } catch (error) {
      this.#count(error, port);
    } finally {
      this.#plugging.delete(port);
    }
  }

  /** A device that cannot be plugged in is looked at again and again: told once, counted always. */
  #count(error: unknown, port: string): void {
    const code = errorCode(error);
    this.counters.add(code);
    if (this.counters.get(code) === 1) this.#options.warn?.({ code, place: port });
  }
}

/** Null: the folder cannot be watched, and is looked at now and then only. */
function watchFolder(path: string, onChange: () => void): FSWatcher | null {
  try {
    const watcher = watch(path, onChange);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
