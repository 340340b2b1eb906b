import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { UsbFolders } from "../../../agent/probes/usb/kernel-view.ts";

/** The kernel's folders, with devices that can be put in and out. */
export class FakeKernel {
  readonly #folders: UsbFolders;
  #number = 1;

  constructor(folders: UsbFolders) {
    this.#folders = folders;
  }

  /** Class, subclass and protocol of its one interface, in hex; `driver` has claimed it. */
  insert(port: string, [own, subclass, protocol]: [string, string, string], driver?: string): void {
    const number = ++this.#number;
    const device = join(this.#folders.devices, port);
    write(device, {
      idVendor: "05c6",
      idProduct: "9025",
      bDeviceClass: "00",
      product: "Cam",
      busnum: "1",
      devnum: String(number),
    });
    const one = `${device}:1.0`;
    write(one, {
      bInterfaceNumber: "00",
      bInterfaceClass: own,
      bInterfaceSubClass: subclass,
      bInterfaceProtocol: protocol,
    });
    if (driver !== undefined) symlinkSync(`../drivers/${driver}`, join(one, "driver"));
    write(join(this.#folders.nodes, "001"), { [String(number).padStart(3, "0")]: "" });
  }

  remove(port: string): void {
    const { devices } = this.#folders;
    for (const name of readdirSync(devices))
      if (name === port || name.startsWith(`${port}:`)) rmSync(join(devices, name), { recursive: true });
  }
}

function write(folder: string, files: Record<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), `${text}\n`);
}
