import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../../scripts/package/cache-folder.ts";
import { armNode, fetchNode } from "../../../scripts/package/native/node-headers.ts";
import { run } from "../../../scripts/package/run.ts";

/** Of the cross compiler: loader, C and C++ libraries, libatomic. */
const SYSROOT = "/usr/arm-linux-gnueabihf";
const EMULATOR = "qemu-arm-static";
/** Libraries that modules need and the cross compiler does not bring. */
const LIBRARIES = ["libudev1", "libcap2"] as const;
const TOOLS = ["arm-linux-gnueabihf-g++", EMULATOR, "apt-get", "dpkg-deb"];

/** Why no program for armhf can be made and run here; false: they can. */
export function cannotEmulate(): string | false {
  const missing = TOOLS.filter((tool) => spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0);
  if (missing.length === 0) return false;
  return `${missing.join(", ")} not installed; scripts/build-armhf installs what is missing`;
}

/** Node for 32-bit ARM under emulation, with the libraries that a unit has; its own parts are kept in the cache. */
export class EmulatedArm {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async prepare(): Promise<EmulatedArm> {
    const cache = cacheFolder();
    const kept = join(cache, "emulated-arm");
    if (!existsSync(kept)) {
      mkdirSync(cache, { recursive: true });
      const work = mkdtempSync(join(cache, "emulated-arm-"));
      try {
        await fetchInto(work);
        renameSync(work, kept);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    }
    return new EmulatedArm(kept);
  }

  /** The words that run this Node; a program of ARM can be started by them alone. */
  get node(): string[] {
    const libraries = join(this.#folder, "root/usr/lib/arm-linux-gnueabihf");
    // coverage of a bundle says nothing, and takes minutes to write under emulation
    const variables = ["-E", `LD_LIBRARY_PATH=${libraries}:${SYSROOT}/lib`, "-U", "NODE_V8_COVERAGE"];
    return [EMULATOR, "-L", SYSROOT, ...variables, join(this.#folder, "node/bin/node")];
  }

  /** Runs a script with Node; answers what it printed. */
  async evaluate(script: string, cwd: string): Promise<string> {
    const [program = "", ...args] = this.node;
    const { stdout } = await promisify(execFile)(program, [...args, "-e", script], { cwd });
    return stdout.trim();
  }
}

async function fetchInto(work: string): Promise<void> {
  await fetchNode(armNode(), work);
  // apt for another architecture, with records of its own: nothing of this machine changes
  const state = join(work, "apt");
  for (const folder of ["lists/partial", "archives/partial"])
    mkdirSync(join(state, folder), { recursive: true });
  const options = Object.entries({
    "APT::Architecture": "armhf",
    "APT::Architectures": "armhf",
    "APT::Sandbox::User": "root",
    "Dir::State": state,
    "Dir::State::status": "/dev/null",
    "Dir::Cache": state,
  }).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  // repositories of others may lack the architecture: what is wanted is Debian's
  spawnSync("apt-get", ["-qq", ...options, "update"], { stdio: "ignore" });
  await run("apt-get", ["-qq", ...options, "download", ...LIBRARIES], { cwd: work });
  for (const name of readdirSync(work)) {
    if (name.endsWith(".deb")) execFileSync("dpkg-deb", ["-x", join(work, name), join(work, "root")]);
  }
  rmSync(state, { recursive: true });
}
