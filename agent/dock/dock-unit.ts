import { join } from "node:path";
import { lampOf } from "../../capture/docking/bay-state.ts";
import { Presence } from "../../capture/docking/presence.ts";
import { Importer } from "../../capture/import/importer.ts";
import { Counters } from "../../config/base/counters.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { DockConfig } from "../../config/schema.ts";
import { parseVkey } from "../../crypto/keys/vkey.ts";
import type { Sentence } from "../../drivers/usb/host/quarantine.ts";
import { UsbHost, type UsbHostEvent } from "../../drivers/usb/host/usb-host.ts";
import type { BusChoice } from "../../drivers/usb/host/usb-messages.ts";
import type { UsbDevice } from "../../drivers/usb/usb-link.ts";
import type { AgentStatus, ControlHandlers } from "../control/protocol.ts";
import type { Device } from "../device/device.ts";
import type { DeviceUnit } from "../device/unit.ts";
import type { Surroundings } from "../surroundings.ts";
import { readBadges } from "./badge-reader.ts";
import { BayLamps } from "./bays/bay-lamps.ts";
import { bayAccount, bayStatus } from "./bays/bay-view.ts";
import { Bays } from "./bays/bays.ts";
import { DockLedger } from "./dock-ledger.ts";
import { Forgotten } from "./forgotten.ts";
import { RecorderOpener } from "./recorder-opener.ts";

/** The dock's part of a device: USB in, bays, imports, wiping; wired to its ledger. */
export class DockUnit implements DeviceUnit {
  readonly isRecording = false;
  readonly batteryPct = undefined;
  readonly powerOff = new Promise<never>(() => undefined);
  readonly #config: DockConfig;
  readonly #device: Device;
  readonly #surroundings: Surroundings;
  readonly #counters = new Counters();
  readonly #memory: DockLedger;
  readonly #importer: Importer;
  readonly #bays: Bays;
  readonly #forgotten: Forgotten;
  readonly #lamps: BayLamps;
  readonly #stopping = new AbortController();
  #host: UsbHost | null = null;
  #opener: RecorderOpener | null = null;
  #chores: Promise<unknown> = Promise.resolve();

  constructor(config: DockConfig, device: Device, surroundings: Surroundings) {
    this.#config = config;
    this.#device = device;
    this.#surroundings = surroundings;
    const { clock, random, log } = surroundings;
    const { dock } = config;
    this.#memory = new DockLedger({
      reader: device.reader,
      custodyKeys: (config.sync?.custody ?? []).map(parseVkey),
      authorises: (receipt) => device.authorises(receipt),
      recorders: new Set(dock.recorders),
    });
    this.#importer = Importer.open({
      writer: device.ledger,
      dataDir: config.dataDir,
      keepFreeBytes: config.disk.stopBytes,
      recipients: config.seal.recipients,
      threads: dock.importThreads,
      openFiles: dock.filesAtOnce,
      random,
      clock,
      log,
    });
    this.#lamps = new BayLamps({
      devices: dock.lampBoards,
      bays: dock.bays.map(({ name }) => name),
      clock,
      random,
      counters: this.#counters,
      alarms: device.alarms,
    });
    this.#bays = new Bays({
      docking: {
        clock,
        log,
        counters: this.#counters,
        random,
        alarms: device.alarms,
        presence: new Presence(device.alarms),
        writer: device.ledger,
        importer: this.#importer,
        memory: this.#memory,
        policy: dock,
      },
      names: new Map(dock.bays.map(({ port, name }) => [port, name])),
      onState: (bay, state) => this.#lamps.show(bay, lampOf(state)),
      prefer: (which) => this.#importer.prefer(which),
      unprefer: (which) => this.#importer.unprefer(which),
    });
    this.#forgotten = new Forgotten(clock, (serial) => this.#importer.abandon(serial, "recorder-gone"));
  }

  start(): void {
    const { signal } = this.#stopping;
    const chores = [
      this.#startUsb(),
      this.#forgotten.watch(this.#bays, signal),
      this.#watchBadges(signal),
      this.#lamps.run(signal),
    ];
    // a dock without lamps or badges is a dock all the same
    this.#chores = Promise.all(
      chores.map((chore) =>
        chore.catch((error: unknown) => {
          this.#counters.add("dock-chore-failed");
          this.#surroundings.log.error({ code: errorCode(error), err: error }, "part of the dock failed");
        }),
      ),
    );
  }

  spaceFreed(): void {
    // imports ask for room by themselves
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#chores;
    await this.#host?.stop();
    await this.#bays.close("shutdown");
    await this.#importer.close();
  }

  status(): Pick<AgentStatus, "dock" | "counters"> {
    const bays = this.#bays.list().map(({ state }) => state.kind);
    const { active, waiting } = this.#importer.status();
    return {
      dock: {
        bays: bays.length,
        occupied: bays.filter((kind) => kind !== "empty").length,
        ready: bays.filter((kind) => kind === "ready").length,
        kept: bays.filter((kind) => kind === "kept").length,
        faults: bays.filter((kind) => kind === "fault" || kind === "refused").length,
        importing: active,
        waiting,
        usb_restarts: this.#host?.restarts ?? 0,
      },
      counters: this.#counters.snapshot(),
    };
  }

  /** Nothing of the dock's own outlives its stop. */
  async release(): Promise<void> {}

  handlers(): ControlHandlers {
    const bays = this.#bays;
    return {
      "dock.bays": async () => ({ bays: bays.list().map(bayStatus) }),
      "dock.show": async ({ bay }) => bayAccount(bays.find(bay), this.#memory),
      "dock.first": async ({ bay, path }) => {
        bays.prefer(bay, path);
        return { serial: bays.serialIn(bay) };
      },
      "dock.wipe": async ({ bay }) => {
        const serial = bays.serialIn(bay);
        bays.find(bay).docking?.orderWipe();
        return { serial };
      },
      "dock.wearer": async ({ bay, wearer }) => {
        const { name } = bays.find(bay);
        bays.wearers.tell(name, wearer);
        return { bay: name, wearer };
      },
      "dock.hand-out": async ({ bay, wearer }) => {
        const serial = bays.serialIn(bay);
        bays.find(bay).docking?.handOut(wearer);
        return { serial, wearer };
      },
    };
  }

  /** A dock without USB, or one whose USB fails, still keeps its ledger and syncs: an alarm, no end. */
  async #startUsb(): Promise<void> {
    const bus = busOf(this.#config);
    if (bus === null) return;
    const { clock, random } = this.#surroundings;
    // what was plugged in before the dock started is told before the host is here
    let tell: (host: Promise<UsbHost>) => void = () => {};
    const started = new Promise<UsbHost>((resolve) => {
      tell = resolve;
    });
    started.catch(() => {});
    try {
      this.#opener = await RecorderOpener.make({
        config: this.#config,
        clock,
        random,
        counters: this.#counters,
        host: () => started,
      });
      const starting = UsbHost.start({
        bus,
        folder: join(this.#config.dataDir, "usb"),
        clock,
        random,
        onEvent: (event) => this.#onUsb(event),
      });
      starting.catch(() => {});
      tell(starting);
      this.#host = await starting;
    } catch (error) {
      this.#device.alarms.raise("usb-failed", errorCode(error));
      this.#surroundings.log.error({ err: error }, "USB not started");
    }
  }

  #onUsb(event: UsbHostEvent): void {
    const { log } = this.#surroundings;
    switch (event.kind) {
      case "attached": {
        const { device, finding } = event;
        if (finding.kind === "other") return;
        this.#device.alarms.clear(quarantineAlarm(device.port));
        this.#bays.plug(device.port, {
          insertion: device.insertion,
          open: (signal) => (this.#opener as RecorderOpener).open(device, finding, signal),
        });
        return;
      }
      case "quarantined":
        this.#leaveAlone(event.device, event.sentence);
        return;
      case "detached":
        this.#device.alarms.clear(quarantineAlarm(event.device.port));
        this.#bays.unplug(event.device.port, event.device.insertion);
        return;
      case "warning":
        this.#counters.add(event.code);
        log.warn({ code: event.code, place: event.place }, "USB");
        return;
      case "restarting":
        this.#counters.add("usb-process-restarts");
        log.error({ code: event.error.code, restarts: event.restarts }, "USB process starts again");
        return;
    }
  }

  /** Its bay says why, until it is let in again or taken out. */
  #leaveAlone({ port, insertion }: UsbDevice, { ends, leftMs }: Sentence): void {
    const why = `USB port ${port}: ended the USB process ${ends} times, left alone for ${Math.ceil(leftMs / 1000)} s`;
    this.#counters.add("usb-quarantine");
    this.#device.alarms.raise(quarantineAlarm(port), why);
    this.#bays.plug(port, {
      insertion,
      open: async () => {
        throw new AgentError("usb-quarantine", why);
      },
    });
  }

  async #watchBadges(signal: AbortSignal): Promise<void> {
    const { badgeReader } = this.#config;
    if (badgeReader === undefined) return;
    const { clock, random } = this.#surroundings;
    await readBadges(
      { ...badgeReader, clock, random, counters: this.#counters, alarms: this.#device.alarms },
      (wearer) => this.#bays.badge(wearer),
      signal,
    );
  }
}

const quarantineAlarm = (port: string): string => `usb-quarantine-${port}`;

function busOf({ dock }: DockConfig): BusChoice | null {
  switch (dock.usb) {
    case "none":
      return null;
    case "libusb":
      return { bus: "libusb" };
    case "virtual":
      // the schema lets nothing else through
      return { bus: "virtual", hub: dock.hub as string };
  }
}
