import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DiskPaths } from "../../../agent/flash/disks/disk-paths.ts";

export interface PlantedBlock {
  /** As the kernel calls it. */
  name: string;
  /** Below `devices`, as on a real machine: `pci0000:00/…/usb1/1-2/…`. */
  at: string;
  /** `major:minor`. */
  number: string;
  sectors: number;
  /** Small files below its folder, such as `removable`. */
  files?: Record<string, string>;
  partitions?: { name: string; number: string; holders?: string[] }[];
  holders?: string[];
}

/** A tree as /sys and /proc have it. Holders are names of other planted disks. */
export function plantBlocks(
  root: string,
  blocks: readonly PlantedBlock[],
  tables: { mounts?: string; swaps?: string } = {},
): DiskPaths {
  const paths = {
    block: join(root, "block"),
    dev: join(root, "dev"),
    mountTable: join(root, "mountinfo"),
    swaps: join(root, "swaps"),
  };
  for (const folder of [paths.block, paths.dev]) mkdirSync(folder, { recursive: true });
  const folderOf = ({ at, name }: PlantedBlock) => join(root, "devices", at, "block", name);
  for (const block of blocks) {
    const folder = folderOf(block);
    plant(folder, block.name, block.number);
    symlinkSync(folder, join(paths.block, block.name));
    const files = { size: `${block.sectors}`, removable: "0", ro: "0", ...block.files };
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(join(folder, file, ".."), { recursive: true });
      writeFileSync(join(folder, file), `${text}\n`);
    }
    block.partitions?.forEach(({ name, number }, n) => {
      plant(join(folder, name), name, number);
      writeFileSync(join(folder, name, "partition"), `${n + 1}\n`);
    });
  }
  const hold = (folder: string, holders: readonly string[] = []) => {
    mkdirSync(join(folder, "holders"), { recursive: true });
    for (const name of holders) {
      const holder = blocks.find((block) => block.name === name);
      if (holder !== undefined) symlinkSync(folderOf(holder), join(folder, "holders", name));
    }
  };
  for (const block of blocks) {
    hold(folderOf(block), block.holders);
    for (const { name, holders } of block.partitions ?? []) hold(join(folderOf(block), name), holders);
  }
  writeFileSync(paths.mountTable, tables.mounts ?? "");
  writeFileSync(paths.swaps, `Filename\tType\tSize\tUsed\tPriority\n${tables.swaps ?? ""}`);
  return paths;
}

function plant(folder: string, name: string, number: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "dev"), `${number}\n`);
  writeFileSync(join(folder, "uevent"), `MAJOR=8\nDEVNAME=${name}\n`);
}
