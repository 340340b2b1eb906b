import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../config/base/clock.ts";
import { Qmp } from "../machine/qmp.ts";
import { unwatched } from "../machine/unwatched.ts";
import { UnitShell } from "./shell.ts";

export interface UnitHardware {
  /** For the console's log and the sockets. */
  folder: string;
  /** A layer over the card, which itself is not written to (qcow2). */
  layer: string;
  /** Where every request to the card is recorded. */
  log: string;
  /** False: it reaches nobody. */
  network?: boolean;
  /** More devices, as QEMU's words; a USB bus is there, `bus.0`. */
  devices?: readonly string[];
}

const UBOOT = "/usr/lib/u-boot/qemu_arm/u-boot.bin";
const MEMORY_MIB = 1024;
const OFF_TIMEOUT_MS = 120_000;

/** A recorder unit with a 32-bit ARM processor, by plain emulation: real U-Boot, kernel and systemd from its card. */
export class UnitMachine {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #qmpSocket: string;
  readonly shell: UnitShell;

  private constructor(child: ChildProcess, shell: UnitShell, qmpSocket: string) {
    this.#child = child;
    this.#qmpSocket = qmpSocket;
    this.#ended = child.exitCode === null ? once(child, "exit") : Promise.resolve();
    this.shell = shell;
  }

  /** Switches it on. */
  static async start(hardware: UnitHardware): Promise<UnitMachine> {
    const socket = join(hardware.folder, "shell.sock");
    const qmpSocket = join(hardware.folder, "qmp.sock");
    for (const old of [socket, qmpSocket]) rmSync(old, { force: true });
    const log = openSync(join(hardware.folder, "console.log"), "a");
    const command = unwatched("qemu-system-arm", machineArguments(hardware, socket, qmpSocket));
    const child = spawn(...command, { stdio: ["ignore", log, log] });
    const kill = () => void child.kill("SIGKILL");
    process.once("exit", kill);
    child.once("exit", () => process.off("exit", kill));
    await once(child, "spawn");
    for (let tries = 0; ; tries++) {
      try {
        return new UnitMachine(child, await UnitShell.connect(socket), qmpSocket);
      } catch (error) {
        if (tries >= 100 || child.exitCode !== null) throw error;
        await systemClock.sleep(50);
      }
    }
  }

  /** Waits until it is up, through as many restarts as that takes. */
  async up(timeoutMs: number): Promise<void> {
    const died = this.#ended.then(() => {
      throw new Error("QEMU has ended");
    });
    await Promise.race([this.shell.ready(timeoutMs), died]);
  }

  /** Plugs a device into its USB bus, as QEMU's `device_add` takes it. */
  async plug(id: string, properties: object): Promise<void> {
    const qmp = await Qmp.connect(this.#qmpSocket);
    try {
      await qmp.plug(id, { bus: "bus.0", ...properties });
    } finally {
      qmp.close();
    }
  }

  /** Stops its time, and lets it go on. */
  hold(): void {
    this.#child.kill("SIGSTOP");
  }

  release(): void {
    this.#child.kill("SIGCONT");
  }

  /** Takes the power away: nothing of it is told. */
  async cut(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
    this.shell.close();
  }

  /** Ends it at once, if it runs. */
  kill(): void {
    this.#child.kill("SIGKILL");
    this.shell.close();
  }

  /** Shuts it down properly, and takes the power away when that does not end. Answers whether it did. */
  async off(): Promise<boolean> {
    this.shell.tell("systemctl --no-block poweroff");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), OFF_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(late);
    this.shell.close();
    return this.#child.exitCode === 0;
  }
}

function machineArguments(
  { layer, log, network = true, devices = [] }: UnitHardware,
  socket: string,
  qmpSocket: string,
): string[] {
  return [
    ...["-machine", "virt,highmem=off", "-accel", "tcg,thread=multi", "-cpu", "cortex-a15", "-smp", "2"],
    ...["-m", `${MEMORY_MIB}`, "-display", "none", "-serial", "stdio", "-monitor", "none", "-nodefaults"],
    ...["-bios", UBOOT],
    ...["-blockdev", `driver=qcow2,node-name=layer,file.driver=file,file.filename=${layer}`],
    ...["-blockdev", `driver=blklogwrites,node-name=card,file=layer,log.driver=file,log.filename=${log}`],
    ...["-device", "virtio-blk-device,drive=card"],
    ...[
      "-netdev",
      `user,id=net,restrict=${network ? "off" : "on"}`,
      "-device",
      "virtio-net-device,netdev=net",
    ],
    ...["-device", "virtio-serial-device", "-chardev", `socket,id=shell,path=${socket},server=on,wait=off`],
    ...["-device", "virtconsole,chardev=shell", "-qmp", `unix:${qmpSocket},server=on,wait=off`],
    ...["-device", "qemu-xhci,id=bus"],
    ...devices,
  ];
}
