import { rename } from "node:fs/promises";
import { run } from "./run.ts";

/** Of every file in an archive: when a thing was packed says nothing about what is in it. */
export const PACKED_AT = "2026-01-01T00:00:00Z";

/** Packs `folder` as `file` (tar, zstd), under the name `top`: the same content gives the same bytes. */
export async function packArchive(folder: string, file: string, top: string): Promise<void> {
  const unfinished = `${file}.new`;
  await run("tar", [
    ...["--create", `--file=${unfinished}`, "--use-compress-program=zstd -19 -T1 --quiet"],
    ...["--format=posix", "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime"],
    ...["--sort=name", `--mtime=${PACKED_AT}`, "--owner=0", "--group=0", "--numeric-owner"],
    ...["--mode=u=rwX,go=rX", `--transform=s,^\\.,${top},`, `--directory=${folder}`, "."],
  ]);
  await rename(unfinished, file);
}
