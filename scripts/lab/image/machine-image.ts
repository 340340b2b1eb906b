import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../../package/cache-folder.ts";

/** What a machine is started from. */
export interface MachineImage {
  kernel: string;
  initrd: string;
  /** A whole file system, never written to: the machine's writes are thrown away. */
  rootDisk: string;
  /** False: it lay in the cache. */
  built: boolean;
}

const SUITE = "bookworm";
const PACKAGES = [
  ...["udev", "kmod", "iproute2", "mount", "util-linux", "procps", "busybox-static"],
  // what the agent runs on
  ...["libudev1", "libatomic1", "libstdc++6", "ffmpeg", "ca-certificates"],
  ...["fdisk", "dosfstools", "exfatprogs", "e2fsprogs"],
  // the emulated camera, and the yardstick
  ...["umtp-responder", "mtp-tools", "alsa-utils", "openssl"],
  // what the examples of config/network are for
  ...["systemd", "nftables"],
];
/** Documentation and translations: a quarter of the size. */
const LEFT_OUT = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"];
const SCRIPTS = ["kernel.sh", "lab-init"];
const FILES = ["lab-kernel", "lab-initrd", "root.ext2"] as const;

/**
 * The image for this Node and these packages: from the cache, or built there with mmdebstrap, which checks
 * the archive's signatures. A stopped build leaves nothing that would be taken for an image.
 */
export async function machineImage(root: string, fresh: boolean): Promise<MachineImage> {
  const cache = cacheFolder("lab");
  const sources = SCRIPTS.map((name) => join(root, "scripts", "lab", "image", name));
  const folder = join(cache, keyOf(sources));
  if (fresh) rmSync(folder, { recursive: true, force: true });
  const built = !existsSync(folder);
  if (built) {
    mkdirSync(cache, { recursive: true });
    for (const older of readdirSync(cache)) rmSync(join(cache, older), { recursive: true, force: true });
    const unfinished = mkdtempSync(join(cache, "unfinished-"));
    const remove = () => rmSync(unfinished, { recursive: true, force: true });
    process.once("exit", remove);
    try {
      await build(sources, unfinished);
      renameSync(unfinished, folder);
    } finally {
      remove();
      process.off("exit", remove);
    }
  }
  const [kernel, initrd, rootDisk] = FILES.map((name) => join(folder, name)) as [string, string, string];
  return { kernel, initrd, rootDisk, built };
}

/** Changes with everything that goes into the image, but for new versions of Debian's packages. */
function keyOf(sources: readonly string[]): string {
  const hash = createHash("sha256");
  hash.update(readFileSync(fileURLToPath(import.meta.url)));
  for (const path of sources) hash.update(readFileSync(path));
  hash.update(`${process.version} ${statSync(process.execPath).size}`);
  return hash.digest("hex").slice(0, 16);
}

async function build([kernelScript, init]: readonly string[], into: string): Promise<void> {
  const child = spawn(
    "mmdebstrap",
    [
      "--quiet",
      "--variant=minbase",
      "--architectures=amd64",
      "--format=ext2",
      `--include=${PACKAGES.join(",")}`,
      '--aptopt=Acquire::Languages "none"',
      ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
      `--customize-hook=copy-in ${kernelScript} /tmp`,
      '--customize-hook=chroot "$1" /bin/sh /tmp/kernel.sh',
      `--customize-hook=copy-in ${init} /`,
      '--customize-hook=chmod 755 "$1/lab-init"',
      `--customize-hook=copy-in ${process.execPath} /usr/local/bin`,
      `--customize-hook=copy-out /boot/lab-kernel /boot/lab-initrd ${into}`,
      '--customize-hook=rm -f "$1/boot/lab-initrd" "$1/tmp/kernel.sh"',
      SUITE,
      join(into, "root.ext2"),
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
