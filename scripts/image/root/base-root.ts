import { createHash } from "node:crypto";
import { join } from "node:path";
import { cacheFolder } from "../../package/cache-folder.ts";
import { armNode, fetchNode } from "../../package/native/node-headers.ts";
import type { Board } from "../boards/board.ts";
import { keptBuild } from "../debian/kept-build.ts";
import { mmdebstrap } from "../debian/mmdebstrap.ts";

const PACKAGES = [
  ...["systemd", "systemd-sysv", "systemd-timesyncd", "systemd-resolved", "udev", "dbus", "kmod"],
  ...["iproute2", "netbase", "nftables", "ca-certificates"],
  ...["mount", "util-linux", "e2fsprogs", "cryptsetup-bin", "busybox-static"],
  // by which systemd asks a TPM for the key of the data partition
  ...["libtss2-esys-3.0.2-0", "libtss2-mu0", "libtss2-rc0", "libtss2-tcti-device0"],
  // what the agent runs on
  ...["libudev1", "libatomic1", "libstdc++6", "ffmpeg"],
  ...["rauc", "rauc-service", "libubootenv-tool"],
];
/** What the folder of a base root holds. */
export interface BaseRoot {
  /** Debian's packages, and Node. */
  root: string;
  /** The board's kernel, as Debian's package. */
  kernel: string;
  /** False: it lay in the cache. */
  built: boolean;
}

/** The newest version of a kernel, which `linux-image-…` itself only points to. */
const FETCH_KERNEL =
  'newest=$(apt-cache depends "$package" | sed -n "s/.*Depends: \\(linux-image-[0-9]\\)/\\1/p" | head -n 1); ' +
  'cd "$into" && apt-get -q download "$newest" && mv "$newest"_*.deb kernel.deb';

/**
 * All of a unit's root that is not fulltrace's: Debian with the board's kernel beside it, Node. From the cache, or
 * made there, which takes minutes.
 */
export async function baseRoot(board: Board, debian: readonly string[], fresh: boolean): Promise<BaseRoot> {
  const key = createHash("sha256")
    .update(JSON.stringify([PACKAGES, FETCH_KERNEL, board.kernel, debian, armNode()]))
    .digest("hex")
    .slice(0, 16);
  const { folder, built } = await keptBuild(
    cacheFolder("unit-root", board.name),
    key,
    fresh,
    async (into) => {
      const node = await fetchNode(armNode(), into);
      const told = `APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" package=${board.kernel} into=${into}`;
      await mmdebstrap({
        architecture: "armhf",
        format: "tar",
        packages: PACKAGES,
        sources: debian,
        hooks: [`copy-in ${join(node, "bin/node")} /usr/bin`, `env ${told} sh -c '${FETCH_KERNEL}'`],
        out: join(into, "root.tar"),
      });
    },
  );
  return { root: join(folder, "root.tar"), kernel: join(folder, "kernel.deb"), built };
}
