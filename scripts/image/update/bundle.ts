import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../package/run.ts";
import type { Board } from "../boards/board.ts";

/** Signs a RAUC bundle (format `verity`) of the file system `root`, which it takes, as `out`. */
export async function makeBundle(
  board: Board,
  { version, minimum }: { version: string; minimum: string },
  root: string,
  signer: { cert: string; key: string },
  folder: string,
  out: string,
): Promise<void> {
  const content = join(folder, "bundle");
  mkdirSync(content);
  renameSync(root, join(content, "root.ext4"));
  writeFileSync(
    join(content, "manifest.raucm"),
    `[update]
compatible=${board.compatible}
version=${version}
description=minimum-version=${minimum}

[bundle]
format=verity

[image.rootfs]
filename=root.ext4
`,
  );
  rmSync(out, { force: true });
  const packed = "--mksquashfs-args=-comp zstd -Xcompression-level 6 -no-progress";
  await run("rauc", ["bundle", packed, `--cert=${signer.cert}`, `--key=${signer.key}`, content, out]);
}
