import type { Clock } from "../../../config/base/clock.ts";
import { wearerOf, withWearer } from "../../recorders/gat947-jieli/recorder-info.ts";
import type { VirtualDevice } from "../virtual-device.ts";
import { SimulatedDisk } from "./disk.ts";
import { JieliRecorder } from "./jieli.ts";
import { GOOD_MTP } from "./mtp/behaviour.ts";
import { type CardEvents, SimulatedCard } from "./mtp/card.ts";
import { SimulatedMtp } from "./mtp.ts";

export const MAKES = ["mtp", "jieli", "disk"] as const;
export type Make = (typeof MAKES)[number];

export interface RecorderTraits {
  make: Make;
  serial: string;
  /** A disk cannot tell it. */
  batteryPercent: number;
  /** How far its clock is off; a disk has none. */
  clockErrorMs: number;
  /** Only a JieLi recorder holds one. */
  wearer?: string | undefined;
  /** The folder that is its card. */
  card: string;
}

/** What a host makes of a recorder. */
export interface RecorderEvents extends CardEvents {
  onClockSet(utcMs: number): void;
  onWearerSet(wearer: string): void;
  /** It drops off the bus, and is to come back as `asDisk`. */
  onSwitch(): void;
}

/** What goes wrong inside a recorder, whatever its cable does. */
export type RecorderFault =
  | { kind: "silent" }
  /** MTP: lengths of files are off by so many bytes; JieLi: every answer has so many. */
  | { kind: "lie"; bytes: number }
  /** Its card takes nothing any more, not even a deletion. */
  | { kind: "full-card" };

/** A recorder of one make, again and again plugged in and out. */
export interface MadeRecorder {
  /** The device as it is when it is plugged in: all faults over, its card read anew. */
  insert(): VirtualDevice;
  /** The device after its switch; null: this make does not switch. */
  asDisk(): VirtualDevice | null;
  /** False: this make cannot have it. */
  fault(fault: RecorderFault): boolean;
  heal(): void;
  /** False: this make has no battery to tell of, or no clock. */
  setBattery(percent: number): boolean;
  setClock(errorMs: number): boolean;
}

/** Throws `wearer-unfit`. */
export function makeRecorder(traits: RecorderTraits, clock: Clock, events: RecorderEvents): MadeRecorder {
  switch (traits.make) {
    case "mtp":
      return new MtpMake(traits, clock, events);
    case "jieli":
      return new JieliMake(traits, clock, events);
    case "disk":
      return new DiskMake(traits, clock);
  }
}

class MtpMake implements MadeRecorder {
  readonly #device: SimulatedMtp;
  readonly #folder: string;
  readonly #events: RecorderEvents;

  constructor(traits: RecorderTraits, clock: Clock, events: RecorderEvents) {
    const { serial, batteryPercent, clockErrorMs, card } = traits;
    this.#folder = card;
    this.#events = events;
    this.#device = new SimulatedMtp({
      card: new SimulatedCard(),
      clock,
      serial,
      model: "BWC-M1",
      batteryPercent,
      clockErrorMs,
      onClockSet: (utcMs) => events.onClockSet(utcMs),
    });
  }

  insert(): VirtualDevice {
    this.heal();
    this.#device.plug();
    this.#device.recorder.card = SimulatedCard.ofFolder(this.#folder, this.#events);
    return this.#device;
  }

  asDisk(): null {
    return null;
  }

  fault(fault: RecorderFault): boolean {
    const { behaviour } = this.#device.recorder;
    switch (fault.kind) {
      case "silent":
        this.#device.hang();
        break;
      case "lie":
        behaviour.lyingBytes = fault.bytes;
        break;
      case "full-card":
        behaviour.storeFull = true;
        break;
    }
    return true;
  }

  heal(): void {
    Object.assign(this.#device.recorder.behaviour, GOOD_MTP);
    this.#device.wake();
  }

  setBattery(percent: number): boolean {
    this.#device.recorder.batteryPercent = percent;
    return true;
  }

  setClock(errorMs: number): boolean {
    this.#device.recorder.clockErrorMs = errorMs;
    return true;
  }
}

class JieliMake implements MadeRecorder {
  readonly #device: JieliRecorder;
  readonly #disk: DiskMake;

  constructor(traits: RecorderTraits, clock: Clock, events: RecorderEvents) {
    const device = new JieliRecorder(clock, {
      onSwitch: () => events.onSwitch(),
      onClockSet: (utcMs) => events.onClockSet(utcMs),
      onInfo: () => events.onWearerSet(wearerOf(device.info).id),
    });
    device.setSerial(traits.serial);
    device.batteryPercent = traits.batteryPercent;
    device.clockErrorMs = traits.clockErrorMs;
    if (traits.wearer !== undefined) device.info.set(withWearer(device.info, { id: traits.wearer }));
    this.#device = device;
    this.#disk = new DiskMake(traits, clock);
  }

  insert(): VirtualDevice {
    this.heal();
    this.#device.plugIn();
    return this.#device;
  }

  asDisk(): VirtualDevice {
    return this.#disk.insert();
  }

  /** While it is a disk it is silent as a disk. */
  fault(fault: RecorderFault): boolean {
    switch (fault.kind) {
      case "silent":
        this.#device.fault = { kind: "silence" };
        return this.#disk.fault(fault);
      case "lie":
        this.#device.fault = { kind: "data-length", bytes: Math.max(0, fault.bytes) };
        return true;
      case "full-card":
        return false;
    }
  }

  heal(): void {
    this.#device.fault = null;
    this.#disk.heal();
  }

  setBattery(percent: number): boolean {
    this.#device.batteryPercent = percent;
    return true;
  }

  setClock(errorMs: number): boolean {
    this.#device.clockErrorMs = errorMs;
    return true;
  }
}

class DiskMake implements MadeRecorder {
  readonly #device: SimulatedDisk;

  constructor({ serial }: RecorderTraits, clock: Clock) {
    const claims = { manufacturer: "ACME", product: "BWC-D1", serial };
    this.#device = new SimulatedDisk("ACME    BWC DISK        1.00", clock, claims);
  }

  insert(): VirtualDevice {
    this.heal();
    return this.#device;
  }

  asDisk(): null {
    return null;
  }

  fault(fault: RecorderFault): boolean {
    if (fault.kind !== "silent") return false;
    this.#device.target.fault = { kind: "silence" };
    return true;
  }

  heal(): void {
    this.#device.target.fault = null;
  }

  setBattery(): boolean {
    return false;
  }

  setClock(): boolean {
    return false;
  }
}
