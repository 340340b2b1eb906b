import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import type { MachineImage } from "../image/machine-image.ts";
import type { LabDevice } from "../wire/messages.ts";
import type { Bench } from "./bench.ts";
import { Qmp } from "./qmp.ts";
import { EmulatedTpm } from "./tpm.ts";
import { unwatched } from "./unwatched.ts";

const MEMORY_MIB = 2048;
const OFF_TIMEOUT_MS = 60_000;

/** One run of QEMU by plain emulation, with the bench's devices on its USB bus. */
export class Machine {
  readonly #child: ChildProcess;
  readonly #qmp: Qmp;
  readonly #bench: Bench;
  /** Resolves when QEMU has ended. */
  readonly ended: Promise<unknown>;

  private constructor(child: ChildProcess, qmp: Qmp, bench: Bench) {
    this.#child = child;
    this.#qmp = qmp;
    this.#bench = bench;
    this.ended = child.exitCode === null ? once(child, "exit") : Promise.resolve();
  }

  /** Starts it; its console goes to `console.log` in the bench's folder. */
  static async start(image: MachineImage, bench: Bench, project: string, port: number): Promise<Machine> {
    const log = openSync(join(bench.folder, "console.log"), "w");
    const tpm = await EmulatedTpm.start(join(bench.folder, "tpm"));
    const command = unwatched("qemu-system-x86_64", [
      ...machineArguments(image, bench, project, port),
      ...tpm.words,
    ]);
    const child = spawn(...command, { stdio: ["ignore", log, log] });
    const kill = () => void child.kill("SIGKILL");
    process.once("exit", kill);
    child.once("exit", () => process.off("exit", kill));
    await once(child, "spawn");
    try {
      return new Machine(child, await Qmp.connect(bench.qmpSocket), bench);
    } catch (error) {
      kill();
      throw error;
    }
  }

  async unplug(device: LabDevice): Promise<void> {
    await this.#qmp.unplug(device);
  }

  async plug(device: LabDevice): Promise<void> {
    await this.#qmp.plug(device, this.#bench.devices[device]);
  }

  /** Ends it at once, if it runs. */
  kill(): void {
    this.#qmp.close();
    this.#child.kill("SIGKILL");
  }

  /** Waits for its own power-off, and kills it when that does not come. Answers whether it came. */
  async off(): Promise<boolean> {
    const late = setTimeout(() => this.#child.kill("SIGKILL"), OFF_TIMEOUT_MS);
    await this.ended;
    clearTimeout(late);
    this.#qmp.close();
    return this.#child.exitCode === 0;
  }
}

function machineArguments(image: MachineImage, bench: Bench, project: string, port: number): string[] {
  return [
    ...["-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "2", "-m", `${MEMORY_MIB}`],
    ...["-display", "none", "-serial", "stdio", "-monitor", "none", "-no-reboot", "-nodefaults"],
    ...["-kernel", image.kernel, "-initrd", image.initrd],
    ...["-append", `console=ttyS0 quiet panic=-1 lab.port=${port}`],
    ...["-drive", `if=virtio,file=${image.rootDisk},format=raw,snapshot=on`],
    ...["-nic", "user,model=virtio-net-pci"],
    ...["-virtfs", `local,path=${project},mount_tag=project,security_model=none,readonly=on,multidevs=remap`],
    ...["-qmp", `unix:${bench.qmpSocket},server=on,wait=off`],
    ...["-chardev", `socket,id=line,path=${bench.lineSocket},server=on,wait=off`],
    // a block device of its own: with `-drive` it would go with the device that is unplugged
    ...["-blockdev", `driver=raw,node-name=card,file.driver=file,file.filename=${bench.stick}`],
    ...["-device", "qemu-xhci,id=bus"],
    ...Object.entries(bench.devices).flatMap(([id, { driver, ...properties }]) => [
      "-device",
      [driver, `id=${id}`, ...Object.entries(properties).map(propertyText)].join(","),
    ]),
  ];
}

/** A property on QEMU's command line, where a comma is written twice. */
function propertyText([name, value]: [string, string | boolean]): string {
  if (typeof value === "boolean") return `${name}=${value ? "on" : "off"}`;
  return `${name}=${value.replaceAll(",", ",,")}`;
}
