import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  KERNEL_PATHS,
  type KernelPaths,
} from "../../../drivers/recorders/mass-storage/mount/disk/usb-disks.ts";

export interface PlantedPart {
  /** As the kernel calls it. */
  name: string;
  /** `major:minor`. */
  device: string;
  sectors: number;
}

export interface PlantedDisk extends PlantedPart {
  removable?: boolean;
  partitions?: PlantedPart[];
  held?: boolean;
}

/** A tree as /sys has it for one USB device with disks; /dev, mounts and swaps stay the machine's own. */
export function plantDisks(root: string, port: string, disks: readonly PlantedDisk[]): KernelPaths {
  const usbDevices = join(root, "bus");
  const device = join(root, "controller/usb1", port);
  mkdirSync(join(device, `${port}:1.0/host4/target4:0:0`), { recursive: true });
  mkdirSync(usbDevices, { recursive: true });
  symlinkSync(device, join(usbDevices, port));
  // leads out of the device, and round in a circle
  symlinkSync(root, join(device, "subsystem"));
  disks.forEach((disk, unit) => {
    const folder = join(device, `${port}:1.0/host4/target4:0:0/4:0:0:${unit}/block`, disk.name);
    plantPart(folder, disk);
    writeFileSync(join(folder, "removable"), disk.removable === false ? "0\n" : "1\n");
    mkdirSync(join(folder, "holders"));
    if (disk.held === true) mkdirSync(join(folder, "holders/dm-0"));
    disk.partitions?.forEach((part, number) => {
      plantPart(join(folder, part.name), part);
      writeFileSync(join(folder, part.name, "partition"), `${number + 1}\n`);
    });
  });
  return { ...KERNEL_PATHS, usbDevices };
}

function plantPart(folder: string, { name, device, sectors }: PlantedPart): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "dev"), `${device}\n`);
  writeFileSync(join(folder, "size"), `${sectors}\n`);
  writeFileSync(join(folder, "uevent"), `MAJOR=0\nDEVNAME=${name}\nDEVTYPE=disk\n`);
}
