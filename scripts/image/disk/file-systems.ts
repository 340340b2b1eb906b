import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../package/run.ts";
import type { Board } from "../boards/board.ts";

/** The partitions' contents that `disk.cfg` names, in one folder. */
export interface Parts {
  boot: string;
  root: string;
  data: string;
}

const MIB = 2 ** 20;
/** Room that ext4 needs beside the files. */
const ROOT_SPARE = 1.12;
const DATA_MIB = 128;
/** The same image has the same: a file system is told from another by its content. */
const UUIDS = { root: "6f6e9fd6-0b62-4c8e-93e5-5a5f2ad0a001", data: "6f6e9fd6-0b62-4c8e-93e5-5a5f2ad0a002" };

/** Makes the file systems of `root`, `data` and the boot script in `folder`. Throws when the root fits no slot. */
export async function makeFileSystems(
  board: Board,
  bootCmd: string,
  from: { root: string; data: string },
  folder: string,
): Promise<Parts> {
  const parts = {
    boot: join(folder, "boot.vfat"),
    root: join(folder, "root.ext4"),
    data: join(folder, "data.ext4"),
  };
  const usedMib = Number((await run("du", ["-sm", from.root])).split("\t")[0]);
  const rootMib = Math.ceil(usedMib * ROOT_SPARE) + 16;
  if (rootMib > board.slot_mib)
    throw new Error(`the root needs ${rootMib} MiB; a slot of ${board.name} has ${board.slot_mib}`);
  await ext4(parts.root, rootMib, from.root, UUIDS.root, ["-m", "0", "-O", "^has_journal"]);
  await ext4(parts.data, DATA_MIB, from.data, UUIDS.data, ["-m", "1", "-L", "data"]);
  await bootPartition(board, bootCmd, folder, parts.boot);
  return parts;
}

async function ext4(file: string, mib: number, from: string, uuid: string, more: string[]): Promise<void> {
  const same = ["-U", uuid, "-E", `hash_seed=${uuid},lazy_itable_init=0,lazy_journal_init=0`];
  await run("mkfs.ext4", ["-q", "-F", ...more, ...same, "-d", from, file, `${mib}M`]);
}

/** The script that chooses the slot: U-Boot looks for it in the partition that is marked bootable. */
async function bootPartition(board: Board, bootCmd: string, folder: string, file: string): Promise<void> {
  const work = join(folder, "boot");
  mkdirSync(work);
  const script = join(work, "boot.cmd");
  writeFileSync(script, `setenv board_args "${board.kernel_args}"\n${bootCmd}`);
  const made = join(work, "boot.scr");
  await run("mkimage", ["-A", "arm", "-T", "script", "-C", "none", "-n", "fulltrace", "-d", script, made]);
  await run("mkfs.vfat", ["--invariant", "-C", "-n", "BOOT", file, `${(16 * MIB) / 1024}`]);
  await run("mcopy", ["-i", file, made, "::boot.scr"]);
}
