import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { keptBuild } from "../../image/debian/kept-build.ts";
import { mmdebstrap } from "../../image/debian/mmdebstrap.ts";
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

const PACKAGES = [
  ...["udev", "kmod", "iproute2", "mount", "util-linux", "procps", "busybox-static"],
  // what the agent runs on
  ...["libudev1", "libatomic1", "libstdc++6", "ffmpeg", "ca-certificates"],
  ...["fdisk", "dosfstools", "exfatprogs", "e2fsprogs"],
  // the emulated camera, and the yardstick
  ...["umtp-responder", "mtp-tools", "alsa-utils", "openssl"],
  // what encrypts a unit's data partition, by the machine's TPM
  ...["cryptsetup-bin", "libtss2-esys-3.0.2-0", "libtss2-mu0", "libtss2-rc0", "libtss2-tcti-device0"],
  // what the examples of config/network are for
  ...["systemd", "nftables"],
];
const SCRIPTS = ["kernel.sh", "lab-init"];
const FILES = ["lab-kernel", "lab-initrd", "root.ext2"] as const;

/** The image for this Node and these packages: from the cache, or built there. */
export async function machineImage(root: string, fresh: boolean): Promise<MachineImage> {
  const sources = SCRIPTS.map((name) => join(root, "scripts", "lab", "image", name));
  const { folder, built } = await keptBuild(cacheFolder("lab"), keyOf(sources), fresh, (into) =>
    build(sources, into),
  );
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
  await mmdebstrap({
    architecture: "amd64",
    format: "ext2",
    packages: PACKAGES,
    hooks: [
      `copy-in ${kernelScript} /tmp`,
      'chroot "$1" /bin/sh /tmp/kernel.sh',
      `copy-in ${init} /`,
      'chmod 755 "$1/lab-init"',
      `copy-in ${process.execPath} /usr/local/bin`,
      `copy-out /boot/lab-kernel /boot/lab-initrd ${into}`,
      'rm -f "$1/boot/lab-initrd" "$1/tmp/kernel.sh"',
    ],
    out: join(into, "root.ext2"),
  });
}
