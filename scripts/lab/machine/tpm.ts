import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../config/base/clock.ts";

const START_TRIES = 200;
const POLL_MS = 50;

/** A TPM 2.0 that is a program (swtpm), new with each machine; it ends with the machine, or with this process. */
export class EmulatedTpm {
  /** What QEMU is told of it. */
  readonly words: readonly string[];

  private constructor(socket: string) {
    this.words = [
      ...["-chardev", `socket,id=tpm,path=${socket}`, "-tpmdev", "emulator,id=tpm,chardev=tpm"],
      ...["-device", "tpm-tis,tpmdev=tpm"],
    ];
  }

  static async start(folder: string): Promise<EmulatedTpm> {
    mkdirSync(folder, { recursive: true });
    const socket = join(folder, "control.sock");
    const control = ["--ctrl", `type=unixio,path=${socket}`, "--terminate"];
    const words = ["socket", "--tpm2", "--tpmstate", `dir=${folder}`, ...control, "--flags", "startup-clear"];
    const child = spawn("swtpm", words, { stdio: "ignore" });
    const kill = () => void child.kill("SIGKILL");
    process.once("exit", kill);
    child.once("exit", () => process.off("exit", kill));
    await once(child, "spawn");
    for (let tries = 0; !existsSync(socket); tries++) {
      if (tries === START_TRIES || child.exitCode !== null) throw new Error("swtpm did not start");
      await systemClock.sleep(POLL_MS);
    }
    return new EmulatedTpm(socket);
  }
}
