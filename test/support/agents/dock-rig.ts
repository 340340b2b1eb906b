import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { BayStatus } from "../../../agent/control/methods/dock-methods.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { virtualDisk } from "../../../drivers/simulator/recorders/disk.ts";
import { inMemory, SimulatedCard } from "../../../drivers/simulator/recorders/mtp/card.ts";
import { SimulatedMtp, type SimulatedMtpOptions } from "../../../drivers/simulator/recorders/mtp.ts";
import type { VirtualDevice } from "../../../drivers/simulator/virtual-device.ts";
import { type Plugged, plugIn } from "../../../drivers/usb/virtual/plug-in.ts";
import { entriesOf } from "../ledger/bodies.ts";
import { Office } from "./office.ts";

const WAIT_MS = 120_000;

/** A dock as a real process, over a virtual hub into which a test plugs what it likes; bay n is port 1-1.n. */
export class DockRig {
  readonly office: Office;
  readonly hub: string;
  readonly #plugged = new Map<number, Plugged>();

  private constructor(office: Office) {
    this.office = office;
    this.hub = join(office.layout.root, "hub");
  }

  /** Not started yet. */
  static async lay(t: TestContext, bays: number, keys: Record<string, unknown> = {}): Promise<DockRig> {
    const rig = new DockRig(await Office.open(t));
    mkdirSync(rig.hub, { recursive: true });
    const names = Array.from({ length: bays }, (_, i) => ({ port: `1-1.${i + 1}`, name: `${i + 1}` }));
    rig.office.beDock({ usb: "virtual", hub: rig.hub, bays: names, ...keys });
    t.after(async () => {
      for (const plugged of rig.#plugged.values()) await plugged.unplug();
    });
    return rig;
  }

  get dataDir(): string {
    return this.office.layout.recorder;
  }

  async plug(bay: number, device: VirtualDevice): Promise<Plugged> {
    const plugged = await plugIn(this.hub, `1-1.${bay}`, device, systemClock);
    this.#plugged.set(bay, plugged);
    return plugged;
  }

  /** A disk whose card is a folder. */
  async plugDisk(bay: number, card: string): Promise<Plugged> {
    symlinkSync(card, join(this.hub, `1-1.${bay}.card`));
    return await this.plug(bay, virtualDisk("ACME    BWC DISK        1.00", systemClock));
  }

  async bays(): Promise<BayStatus[]> {
    return (await this.office.recorder.call("dock.bays", {})).bays;
  }

  /** Resolves when a bay has come to one of these states. */
  async bayIs(bay: number, ...states: BayStatus["state"][]): Promise<BayStatus> {
    return await this.bayHas(bay, states.join(" or "), ({ state }) => states.includes(state));
  }

  async bayHas(bay: number, what: string, isSo: (bay: BayStatus) => boolean): Promise<BayStatus> {
    const endMs = Date.now() + WAIT_MS;
    for (;;) {
      const found = (await this.bays()).find((candidate) => candidate.bay === `${bay}`);
      if (found !== undefined && isSo(found)) return found;
      if (Date.now() > endMs) throw new Error(`bay ${bay} is ${JSON.stringify(found)}, not ${what}`);
      await delay(50);
    }
  }

  /** Bodies of the ledger's entries of one type. */
  entries(type: string) {
    return entriesOf(this.dataDir, type);
  }
}

/** A card that holds these files. */
export function cardOf(files: Record<string, Uint8Array>): SimulatedCard {
  const card = new SimulatedCard();
  for (const [path, bytes] of Object.entries(files)) card.put(path, inMemory(bytes), 1_700_000_000_000);
  return card;
}

/** An MTP recorder with these files. */
export function mtpWith(
  files: Record<string, Uint8Array>,
  options: Partial<SimulatedMtpOptions> = {},
): SimulatedMtp {
  return new SimulatedMtp({ card: cardOf(files), clock: systemClock, batteryPercent: 100, ...options });
}

/** Memory of a process that lies in RAM, in bytes. */
export function rssOf(pid: number): number {
  const [, kib = "0"] = /VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1024;
}
