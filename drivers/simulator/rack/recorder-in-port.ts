import { lstatSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { UsbFault } from "../../usb/virtual/faults.ts";
import { type Plugged, plugIn } from "../../usb/virtual/plug-in.ts";
import { PORT } from "../../usb/virtual/virtual-bus.ts";
import {
  type MadeRecorder,
  makeRecorder,
  type RecorderFault,
  type RecorderTraits,
} from "../recorders/by-make.ts";
import type { VirtualDevice } from "../virtual-device.ts";
import { watchRemovals } from "./removals.ts";

/** What a person beside the recorder would see. Paths are below its card. */
export type RecorderSight =
  | { kind: "plugged"; port: string }
  | { kind: "opened" }
  | { kind: "clock-set"; utcMs: number }
  | { kind: "wearer-set"; wearer: string }
  | { kind: "file-read"; path: string }
  | { kind: "file-removed"; path: string }
  | { kind: "switched" }
  | { kind: "unplugged" };

export interface RecorderInPortOptions {
  /** The folder that is the hub, see `plugIn`. */
  hub: string;
  port: string;
  traits: RecorderTraits;
  clock: Clock;
  onSight: (sight: RecorderSight) => void;
}

/** Field recorders come back within a few seconds. */
const SWITCH_MS = 1_000;

/** A simulated recorder with a folder as its card, in a port of a hub or out of it. */
export class RecorderInPort {
  readonly traits: RecorderTraits;
  readonly #options: RecorderInPortOptions;
  readonly #made: MadeRecorder;
  #port: string;
  #inserted: { plugged: Plugged; pulled: AbortController; isDisk: boolean; watching: Promise<void> } | null =
    null;
  /** Aborts when the recorder is taken out while it comes back as a disk. */
  #returning: AbortController | null = null;
  #switched: Promise<void> = Promise.resolve();
  #hasOpened = false;

  /** Throws `wearer-unfit`, `card-missing`. */
  constructor(options: RecorderInPortOptions) {
    const { traits, clock, onSight, port } = options;
    this.traits = { ...traits, card: resolve(traits.card) };
    if (statSync(this.traits.card, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new AgentError("card-missing", traits.card);
    this.#options = options;
    this.#port = port;
    this.#made = makeRecorder(this.traits, clock, {
      onRead: (path) => onSight({ kind: "file-read", path }),
      onErase: (path) => onSight({ kind: "file-removed", path }),
      onClockSet: (utcMs) => onSight({ kind: "clock-set", utcMs }),
      onWearerSet: (wearer) => onSight({ kind: "wearer-set", wearer }),
      onSwitch: () => {
        this.#switched = this.#switch();
      },
    });
  }

  /** Where it is, or was last. */
  get port(): string {
    return this.#port;
  }

  get isPlugged(): boolean {
    return this.#inserted !== null || this.#returning !== null;
  }

  /** Puts it in, here or elsewhere. Throws `usb-port`, and what `plugIn` throws. */
  async plug(port = this.#port): Promise<void> {
    if (this.isPlugged) return;
    if (!PORT.test(port)) throw new AgentError("usb-port", port);
    this.#port = port;
    await this.#insert(this.#made.insert(), this.traits.make === "disk");
    this.#options.onSight({ kind: "plugged", port });
  }

  /** Takes it out. */
  async unplug(): Promise<void> {
    const isReturning = this.#returning !== null;
    this.#returning?.abort();
    this.#returning = null;
    await this.#switched;
    if ((await this.#takeOut()) || isReturning) this.#options.onSight({ kind: "unplugged" });
  }

  /** Makes its cable fail. False: it is out, or a disk, whose card the host reads without this cable. */
  faultCable(fault: UsbFault): boolean {
    if (this.#inserted === null || this.#inserted.isDisk) return false;
    this.#inserted.plugged.fault(fault);
    return true;
  }

  /** False: it is out, or cannot have this fault. */
  fault(fault: RecorderFault): boolean {
    if (this.#inserted === null || (this.#inserted.isDisk && fault.kind !== "silent")) return false;
    return this.#made.fault(fault);
  }

  heal(): void {
    this.#inserted?.plugged.heal();
    this.#made.heal();
  }

  /** False: its make has no battery to tell of. */
  setBattery(percent: number): boolean {
    return this.#made.setBattery(percent);
  }

  /** False: its make has no clock to tell of. */
  setClock(errorMs: number): boolean {
    return this.#made.setClock(errorMs);
  }

  async #insert(device: VirtualDevice, isDisk: boolean): Promise<void> {
    const { hub, clock, onSight } = this.#options;
    this.#hasOpened = false;
    const watched: VirtualDevice = {
      descriptors: device.descriptors,
      open: (interfaceNumber) => {
        if (!this.#hasOpened) onSight({ kind: "opened" });
        this.#hasOpened = true;
        return device.open(interfaceNumber);
      },
    };
    const plugged = await plugIn(
      hub,
      this.#port,
      watched,
      clock,
      isDisk ? () => this.#linkCard() : undefined,
    );
    const pulled = new AbortController();
    const { card } = this.traits;
    const onErase = (path: string) => onSight({ kind: "file-removed", path });
    const watching = isDisk ? watchRemovals(card, clock, onErase, pulled.signal) : Promise.resolve();
    const inserted = { plugged, pulled, isDisk, watching };
    this.#inserted = inserted;
    void plugged.unplugged.then(() => {
      // pulled by a fault
      if (this.#inserted === inserted) void this.unplug();
    });
  }

  /** True if it was in. */
  async #takeOut(): Promise<boolean> {
    const inserted = this.#inserted;
    if (inserted === null) return false;
    this.#inserted = null;
    inserted.pulled.abort();
    await inserted.plugged.unplug();
    await inserted.watching;
    if (inserted.isDisk) rmSync(this.#cardLink(), { force: true });
    return true;
  }

  /** Off the bus, and back as a disk in the same port, unless somebody was faster. Never rejects. */
  async #switch(): Promise<void> {
    const { clock, onSight } = this.#options;
    const returning = new AbortController();
    this.#returning = returning;
    onSight({ kind: "switched" });
    await this.#takeOut();
    try {
      await clock.sleep(SWITCH_MS, returning.signal);
      const disk = this.#made.asDisk();
      if (disk !== null) await this.#insert(disk, true);
      if (returning.signal.aborted) await this.#takeOut();
    } catch {
      if (!returning.signal.aborted) onSight({ kind: "unplugged" });
    }
    if (this.#returning === returning) this.#returning = null;
  }

  /** By this link beside its socket a dock finds the card of a disk. */
  #linkCard(): void {
    const link = this.#cardLink();
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(link);
    symlinkSync(this.traits.card, link);
  }

  #cardLink(): string {
    return join(this.#options.hub, `${this.#port}.card`);
  }
}
