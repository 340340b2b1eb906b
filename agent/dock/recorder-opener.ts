import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../config/base/clock.ts";
import type { Counters } from "../../config/base/counters.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { Random } from "../../config/base/random.ts";
import type { DockConfig } from "../../config/schema.ts";
import { deviceKeyName, parseVkey, type VerifierKey } from "../../crypto/keys/vkey.ts";
import { openCheckpoint } from "../../crypto/proof/note.ts";
import { openFulltrace } from "../../drivers/recorders/fulltrace/fulltrace.ts";
import { openMassStorage } from "../../drivers/recorders/mass-storage/mass-storage.ts";
import { AgentMounter } from "../../drivers/recorders/mass-storage/mount/agent-mounter.ts";
import type { CardMounter } from "../../drivers/recorders/mass-storage/mount/card.ts";
import { FolderMounter } from "../../drivers/recorders/mass-storage/mount/folder-mounter.ts";
import type { CardMounts } from "../../drivers/recorders/mass-storage/mount/mounts/card-mounts.ts";
import { OwnMounts } from "../../drivers/recorders/mass-storage/mount/mounts/own-mounts.ts";
import { OsMounter } from "../../drivers/recorders/mass-storage/mount/os-mounter.ts";
import {
  CARDS_DIRECTORY,
  MOUNTER_SOCKET,
} from "../../drivers/recorders/mass-storage/mount/service/places.ts";
import { ServiceMounts } from "../../drivers/recorders/mass-storage/mount/service/service-mounts.ts";
import type { RecorderDriver } from "../../drivers/recorders/recorder-driver.ts";
import type { Finding } from "../../drivers/usb/fingerprints.ts";
import type { UsbHost } from "../../drivers/usb/host/usb-host.ts";
import type { UsbDevice } from "../../drivers/usb/usb-link.ts";

export interface OpenerParts {
  readonly config: DockConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  /** Resolves once USB has started. */
  readonly host: () => Promise<UsbHost>;
}

/** Which driver speaks with what is plugged in, and through what. */
export class RecorderOpener {
  readonly #parts: OpenerParts;
  readonly #mounter: (port: string) => Promise<CardMounter>;

  private constructor(parts: OpenerParts, mounter: (port: string) => Promise<CardMounter>) {
    this.#parts = parts;
    this.#mounter = mounter;
  }

  /** Makes ready to mount cards where that is this program's to do. Throws what the mounter's start throws. */
  static async make(parts: OpenerParts): Promise<RecorderOpener> {
    const { config, clock, counters } = parts;
    const { hub } = config.dock;
    if (hub !== undefined) {
      return new RecorderOpener(
        parts,
        async (port) => new FolderMounter(await cardFolder(hub, port), "local"),
      );
    }
    if (config.dock.mount === "os") {
      const mounter = new OsMounter({ clock, counters });
      return new RecorderOpener(parts, async () => mounter);
    }
    const mounter = new AgentMounter({
      mounts: mountsFor(config),
      utcOffsetMin: config.dock.utcOffsetMin,
      clock,
      counters,
    });
    await mounter.start();
    return new RecorderOpener(parts, async () => mounter);
  }

  /** Throws what the driver throws; `not-a-recorder` for what is refused. */
  async open(device: UsbDevice, finding: Finding, signal: AbortSignal): Promise<RecorderDriver> {
    switch (finding.kind) {
      case "refused":
        throw new AgentError("not-a-recorder", `port ${device.port}: ${finding.reason}`);
      case "unreadable":
        throw new AgentError(finding.code, finding.place);
      case "other":
        throw new AgentError("not-a-recorder", `port ${device.port}`);
      case "recorder":
        return await this.#openDriver(device, finding.driver, signal);
    }
  }

  async #openDriver(
    device: UsbDevice,
    driver: Extract<Finding, { kind: "recorder" }>["driver"],
    signal: AbortSignal,
  ): Promise<RecorderDriver> {
    const { config, host } = this.#parts;
    const { utcOffsetMin, wipe } = config.dock;
    switch (driver) {
      case "mtp":
      case "gat947-jieli":
        return await (await host()).open(device, { utcOffsetMin }, signal);
      case "mass-storage": {
        const mounter = await this.#mounter(device.port);
        return await openMassStorage({ mounter, device, mayRemove: wipe !== "never", utcOffsetMin }, signal);
      }
      case "fulltrace": {
        const { random, counters } = this.#parts;
        const at = { kind: "usb", port: device.port } as const;
        const keys = config.dock.recorderKeys.map(parseVkey);
        const verifyCheckpoint = (note: string, dev: string) => isSigned(note, dev, keys);
        return await openFulltrace({ at, random, counters, verifyCheckpoint }, signal);
      }
    }
  }
}

function mountsFor({ dataDir, dock }: DockConfig): CardMounts {
  if (dock.mount === "service") return new ServiceMounts(MOUNTER_SOCKET, CARDS_DIRECTORY);
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  return new OwnMounts(join(dataDir, "cards"), owner);
}

/** True if the note is a checkpoint of this device, signed by the one of `keys` that is its own. */
function isSigned(note: string, dev: string, keys: readonly VerifierKey[]): boolean {
  const own = keys.find(({ name }) => name === deviceKeyName(dev));
  if (own === undefined) return false;
  try {
    return openCheckpoint(note, own).dev === dev;
  } catch {
    // a claim like the rest of its answer
    return false;
  }
}

/** The folder that a simulated disk stands for: where the link beside its socket leads. */
async function cardFolder(hub: string, port: string): Promise<string> {
  try {
    return await realpath(join(hub, `${port}.card`));
  } catch (cause) {
    throw new AgentError("card-missing", `${port}: no card`, { cause });
  }
}
