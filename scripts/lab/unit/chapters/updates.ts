import { createReadStream } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Steps } from "../../steps.ts";
import { type LabUnit, UP_MS } from "../lab-unit.ts";
import type { UnitImages, UpdateName } from "../unit-images.ts";
import { cutInstallation } from "./cut-installation.ts";

/** Of a slot of an emulated machine. */
const INSTALL_MS = 900_000;
/** Through three tries of a version that does not run, and back. */
const FALL_BACK_MS = 1_200_000;
const BUNDLE = "/data/offered.raucb";
const INSTALL = `fulltrace update install ${BUNDLE} --json --data /var/lib/fulltrace`;

/**
 * A unit takes what its office has signed, and nothing else; one that does not run is given up unaided. With `cut`
 * the good installation is then looked at as if the power had gone at each of its points.
 */
export async function updates(
  unit: LabUnit,
  images: UnitImages,
  steps: Steps,
  { cut }: { cut: boolean },
): Promise<void> {
  const { board } = unit;
  const shelf = await Shelf.open(images);
  const refused = (name: UpdateName, code: string) =>
    steps.step(`unit: update ${name} is refused`, async () => {
      await shelf.handOver(unit, name);
      const told = await unit.shell.run(`! ${INSTALL}`, INSTALL_MS);
      if (!told.includes(`"code":"${code}"`)) throw new Error(told);
      return { value: true, detail: code };
    });
  try {
    await unit.endRecording();
    board.charge("no");
    await refused("good", "update-blocked");
    board.charge("yes");
    await refused("foreign", "bundle-unsigned");
    await refused("tampered", "bundle-damaged");
    const installed = await steps.step("unit: update good is installed, and stays", async () => {
      await shelf.handOver(unit, "good");
      const from = unit.card.requests().length;
      unit.shell.tell(INSTALL);
      await unit.shell.untilThrough(version("1.1.0"), INSTALL_MS);
      const stretch = { from, to: unit.card.requests().length };
      await unit.running();
      await signed(unit, "good", "1.1.0");
      return { value: stretch, detail: await environment(unit) };
    });
    if (installed !== null && cut) await cutInstallation(unit, installed, steps);
    await unit.endRecording();
    await refused("older", "bundle-too-old");
    await steps.step("unit: update broken falls back unaided", async () => {
      await shelf.handOver(unit, "broken");
      unit.shell.tell(INSTALL);
      await unit.shell.untilThrough(version("1.2.0"), INSTALL_MS);
      await unit.shell.untilThrough(version("1.1.0"), FALL_BACK_MS);
      await unit.running();
      await signed(unit, "fell-back", "1.2.0");
      return { value: true, detail: await environment(unit) };
    });
  } finally {
    shelf.close();
  }
}

/** True of the slot that holds it. */
function version(wanted: string): string {
  return `grep -qx VERSION=${wanted} /etc/fulltrace-release`;
}

/** Once the slot that runs has its tries back. */
async function environment({ shell }: LabUnit): Promise<string> {
  const slot = await shell.run("sed -n 's/.*rauc.slot=\\([AB]\\).*/\\1/p' /proc/cmdline");
  await shell.until(`test "$(fw_printenv -n BOOT_${slot}_LEFT)" = 3`, UP_MS);
  return await shell.run("fw_printenv | tr '\\n' ' '");
}

/** Waits until the office has the entry by which the unit says so. */
async function signed({ office }: LabUnit, state: string, version: string): Promise<void> {
  for (let known = 0; ; ) {
    const found = await office.more("device.update", known, UP_MS);
    if (found.some(({ parsed }) => parsed["state"] === state && parsed["version"] === version)) return;
    known = found.length;
  }
}

/** Where the bundles lie for the unit to fetch. */
class Shelf {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open({ updates }: UnitImages): Promise<Shelf> {
    const server = createServer((request, response) => {
      const name = (request.url ?? "").slice(1) as UpdateName;
      createReadStream(updates[name]).pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Shelf(server);
  }

  /** Puts a bundle onto the unit, as by a USB stick. */
  async handOver({ shell }: LabUnit, name: UpdateName): Promise<void> {
    const { port } = this.#server.address() as AddressInfo;
    await shell.run(`busybox wget -q -O ${BUNDLE} http://10.0.2.2:${port}/${name}`, INSTALL_MS);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
