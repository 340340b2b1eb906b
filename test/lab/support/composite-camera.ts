import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  readdirSync,
  rmdirSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "../../support/waiting.ts";

const GADGET = "/sys/kernel/config/usb_gadget/camera";
/** The folder behind the camera's MTP face. */
export const CAMERA_CARD = "/run/camera-card";
const FFS = "/dev/ffs-mtp";
const DISK = "/run/camera-disk.img";
const DISK_BYTES = 32 * 2 ** 20;
const READY_MS = 30_000;
const FACES = ["ffs.mtp", "acm.0", "mass_storage.0"];
/** The responder tells nobody that it has opened its endpoints for good. */
const SETTLE_MS = 2_000;

export const COMPOSITE = { vendorId: 0x1d6b, productId: 0x0104, serial: "CAM-000123" };

/**
 * A body camera that is a kernel's: MTP by umtp-responder, an ACM serial port and a disk, one device on a
 * bus that exists only in memory (dummy_hcd).
 */
export class CompositeCamera {
  #responder: ChildProcess | null = null;
  #wasIn = false;
  #isIn = false;

  get isIn(): boolean {
    return this.#isIn;
  }

  /** With `files` below its card's root, and these functions of the kernel's gadgets; not yet plugged in. */
  async build(files: ReadonlyMap<string, Buffer>, faces: readonly string[] = FACES): Promise<void> {
    execFileSync("modprobe", [
      ...["-a", "dummy_hcd", "libcomposite", "usb_f_acm", "usb_f_mass_storage", "usb_f_fs", "cdc_acm"],
    ]);
    mkdirSync(CAMERA_CARD, { recursive: true });
    for (const [path, bytes] of files) {
      mkdirSync(join(CAMERA_CARD, path, ".."), { recursive: true });
      writeFileSync(join(CAMERA_CARD, path), bytes);
    }
    mkdirSync(GADGET);
    write("idVendor", "0x1d6b");
    write("idProduct", "0x0104");
    write("bcdUSB", "0x0200");
    mkdirSync(join(GADGET, "strings/0x409"));
    write("strings/0x409/serialnumber", COMPOSITE.serial);
    write("strings/0x409/manufacturer", "Lab");
    write("strings/0x409/product", "Lab Body Camera");
    mkdirSync(join(GADGET, "configs/c.1"));
    for (const name of faces) {
      mkdirSync(join(GADGET, "functions", name));
    }
    writeFileSync(DISK, "");
    truncateSync(DISK, DISK_BYTES);
    write("functions/mass_storage.0/lun.0/removable", "1");
    write("functions/mass_storage.0/lun.0/file", DISK);
    for (const name of faces) {
      symlinkSync(join(GADGET, "functions", name), join(GADGET, "configs/c.1", name));
    }
    if (!faces.includes("ffs.mtp")) return;
    mkdirSync(FFS, { recursive: true });
    execFileSync("mount", ["-t", "functionfs", "mtp", FFS]);
    writeFileSync("/run/umtprd.conf", responderConfig());
    await this.#respond();
  }

  /** The responder starts anew with each insertion: without its cable it holds endpoints that are dead. */
  async plug(): Promise<void> {
    if (this.#wasIn && this.#responder !== null) {
      await this.#endResponder(this.#responder);
      await this.#respond();
    }
    this.#wasIn = true;
    this.#isIn = true;
    write("UDC", "dummy_udc.0");
  }

  unplug(): void {
    if (!this.#isIn) return;
    this.#isIn = false;
    write("UDC", "\n");
  }

  /** From now on its MTP answers nothing, until it is plugged in anew. */
  hang(): void {
    this.#responder?.kill("SIGSTOP");
  }

  /** Takes it apart, so that another can be built. */
  async end(): Promise<void> {
    this.unplug();
    const responder = this.#responder;
    if (responder !== null) {
      await this.#endResponder(responder);
      execFileSync("umount", [FFS]);
    }
    for (const name of readdirSync(join(GADGET, "configs/c.1")).filter((one) => FACES.includes(one))) {
      unlinkSync(join(GADGET, "configs/c.1", name));
      rmdirSync(join(GADGET, "functions", name));
    }
    for (const name of ["configs/c.1", "strings/0x409", ""]) rmdirSync(join(GADGET, name));
  }

  async #respond(): Promise<void> {
    this.#responder = spawn("umtprd", ["-conf", "/run/umtprd.conf"], { stdio: "ignore" });
    await eventually("the responder's endpoints", () => readdirSync(FFS).includes("ep3"), READY_MS);
    await delay(SETTLE_MS);
  }

  async #endResponder(responder: ChildProcess): Promise<void> {
    const ended = once(responder, "exit");
    responder.kill("SIGKILL");
    await ended;
  }
}

function write(name: string, value: string): void {
  writeFileSync(join(GADGET, name), value);
}

function responderConfig(): string {
  return `loop_on_disconnect 1
storage "${CAMERA_CARD}" "camera" "rw"
manufacturer "Lab"
product "Lab Body Camera"
serial "${COMPOSITE.serial}"
firmware_version "1.0"
mtp_extensions "microsoft.com: 1.0; android.com: 1.0;"
interface "MTP"
usb_vendor_id 0x1D6B
usb_product_id 0x0104
usb_class 0x6
usb_subclass 0x1
usb_protocol 0x1
usb_dev_version 0x3008
usb_functionfs_mode 0x1
usb_dev_path "${FFS}/ep0"
usb_epin_path "${FFS}/ep1"
usb_epout_path "${FFS}/ep2"
usb_epint_path "${FFS}/ep3"
usb_max_packet_size 0x200
`;
}
