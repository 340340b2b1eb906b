import { type CameraFolders, SYSTEM_CAMERAS } from "../probes/camera/devices.ts";
import { type SerialFolders, SYSTEM_FOLDERS } from "../probes/serial/ports.ts";
import { SYSTEM_USB, type UsbFolders } from "../probes/usb/kernel-view.ts";

/** Where the checks look for what this machine has. */
export interface Machine {
  usb: UsbFolders;
  serial: SerialFolders;
  cameras: CameraFolders;
  /** `/sys/dev/block`: disks and partitions by their numbers. */
  blocks: string;
}

export const THIS_MACHINE: Machine = {
  usb: SYSTEM_USB,
  serial: SYSTEM_FOLDERS,
  cameras: SYSTEM_CAMERAS,
  blocks: "/sys/dev/block",
};
