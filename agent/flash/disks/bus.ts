import { readText } from "../../doctor/system-files.ts";

/** What a disk hangs on. `sd` is a card in a slot of the machine's own, `emmc` a chip that is soldered in. */
export type Bus = "usb" | "sd" | "emmc" | "sata" | "nvme" | "virtio" | "virtual" | "other";

/** `folder` is the kernel's own for the disk, without links: the names on the way to it tell the bus. */
export function busOf(folder: string): Bus {
  const steps = folder.split("/");
  const has = (form: RegExp) => steps.some((step) => form.test(step));
  if (has(/^usb\d+$/)) return "usb";
  if (has(/^mmc_host$/)) return readText(folder, "device/type") === "SD" ? "sd" : "emmc";
  if (has(/^nvme/)) return "nvme";
  if (has(/^ata\d+$/)) return "sata";
  if (has(/^virtio\d+$/)) return "virtio";
  return has(/^virtual$/) ? "virtual" : "other";
}
