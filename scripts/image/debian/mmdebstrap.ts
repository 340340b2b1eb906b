import { spawn } from "node:child_process";
import { once } from "node:events";

export interface DebianRoot {
  /** Debian's name of the processor, such as `armhf`. */
  architecture: string;
  format: "ext2" | "tar";
  packages: readonly string[];
  /** Commands of mmdebstrap(1)'s `--customize-hook`, in order. */
  hooks: readonly string[];
  /** Lines of sources.list(5); none: Debian's own archive, with its security updates. */
  sources?: readonly string[];
  out: string;
}

const SUITE = "bookworm";
/** Documentation and translations: a quarter of the size. */
const LEFT_OUT = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"];

/** Makes a root file system of Debian packages; mmdebstrap checks the archive's signatures. Throws when it fails. */
export async function mmdebstrap(wanted: DebianRoot): Promise<void> {
  const { architecture, format, packages, hooks, sources = [], out } = wanted;
  const child = spawn(
    "mmdebstrap",
    [
      "--quiet",
      "--variant=minbase",
      `--architectures=${architecture}`,
      `--format=${format}`,
      `--include=${packages.join(",")}`,
      '--aptopt=Acquire::Languages "none"',
      ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
      ...hooks.map((hook) => `--customize-hook=${hook}`),
      SUITE,
      out,
      ...sources,
    ],
    // a group of its own: when it fails it hangs up on its whole group
    { stdio: ["ignore", 2, 2], detached: true },
  );
  await once(child, "spawn");
  // it tidies up after itself
  const stop = () => void process.kill(-(child.pid as number), "SIGTERM");
  process.once("exit", stop);
  const [status] = (await once(child, "exit")) as [number | null];
  process.off("exit", stop);
  if (status !== 0) throw new Error(`mmdebstrap ended with ${status}: see above`);
}
