import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { SYSTEM_DISKS } from "../../../../agent/flash/disks/disk-paths.ts";
import { listDisks } from "../../../../agent/flash/disks/list-disks.ts";
import { standingOf } from "../../../../agent/flash/disks/standing.ts";
import { type PlantedBlock, plantBlocks } from "../../../support/flash/planted-block.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";

const GIB_SECTORS = 2 ** 21;
const MOST_BYTES = 256 * 2 ** 30;
const PCI = "pci0000:00/0000:00:14.0";

const stick: PlantedBlock = {
  name: "sdb",
  at: `${PCI}/usb1/1-2/1-2:1.0/host4/target4:0:0/4:0:0:0`,
  number: "8:16",
  sectors: 32 * GIB_SECTORS,
  files: { removable: "1", "device/vendor": "Generic", "device/model": "MassStorageClass" },
  partitions: [
    { name: "sdb1", number: "8:17" },
    { name: "sdb2", number: "8:18" },
  ],
};
const sdCard: PlantedBlock = {
  name: "mmcblk0",
  at: `${PCI}/mmc_host/mmc0/mmc0:aaaa`,
  number: "179:0",
  sectors: 64 * GIB_SECTORS,
  files: { "device/type": "SD", "device/name": "SC64G", "queue/logical_block_size": "512" },
};
const emmc: PlantedBlock = {
  ...sdCard,
  name: "mmcblk1",
  at: `${PCI}/mmc_host/mmc1/mmc1:0001`,
  number: "179:8",
  files: { "device/type": "MMC", "device/name": "BJTD4R" },
};
const nvme: PlantedBlock = {
  name: "nvme0n1",
  at: `${PCI}/nvme/nvme0`,
  number: "259:0",
  sectors: 512 * GIB_SECTORS,
  files: { "device/model": "Samsung SSD", "queue/logical_block_size": "4096" },
  partitions: [{ name: "nvme0n1p1", number: "259:1" }],
};

function mountLine(number: string, target: string, source: string): string {
  return `36 35 ${number} / ${target} rw,noatime - ext4 ${source} rw\n`;
}

function look(t: TestContext, blocks: PlantedBlock[], tables = {}, wish = {}) {
  return listDisks(plantBlocks(temporaryDirectory(t), blocks, tables)).map((disk) => ({
    ...disk,
    ...standingOf(disk, { mostBytes: MOST_BYTES, ...wish }),
  }));
}

test("a card on USB or in a slot may be written to; what is soldered in only with yes", (t) => {
  const disks = look(t, [nvme, sdCard, stick, emmc]);
  assert.deepEqual(
    disks.map(({ name, bus, model, may, obstacles }) => [name, bus, model, may, obstacles]),
    [
      ["mmcblk0", "sd", "SC64G", "yes", []],
      ["mmcblk1", "emmc", "BJTD4R", "with-yes", ["internal"]],
      ["nvme0n1", "nvme", "Samsung SSD", "with-yes", ["internal", "too-large"]],
      ["sdb", "usb", "Generic MassStorageClass", "yes", []],
    ],
  );
  assert.deepEqual(
    disks.map(({ bytes, sectorBytes, isRemovable }) => [bytes / 2 ** 30, sectorBytes, isRemovable]),
    [
      [64, 512, false],
      [64, 512, false],
      [512, 4096, false],
      [32, 512, true],
    ],
  );
});

test("each way of being in use is told with its partition, and no yes overrules it", (t) => {
  const dm = { name: "dm-0", at: "virtual", number: "253:0", sectors: GIB_SECTORS };
  const held = { ...stick, partitions: [{ name: "sdb1", number: "8:17", holders: ["dm-0"] }] };
  const usesOf = (blocks: PlantedBlock[], tables = {}) => {
    const disk = look(t, blocks, tables).find(({ name }) => name === "sdb");
    return [disk?.may, disk?.obstacles, disk?.uses];
  };
  assert.deepEqual(usesOf([stick], { mounts: mountLine("8:17", "/media/a\\040card", "/dev/sdb1") }), [
    "no",
    ["mounted"],
    [{ use: "mounted", device: "sdb1", at: "/media/a card" }],
  ]);
  assert.deepEqual(usesOf([stick], { mounts: mountLine("8:16", "/", "/dev/sdb") }), [
    "no",
    ["root"],
    [{ use: "root", device: "sdb" }],
  ]);
  assert.deepEqual(usesOf([held, dm]), ["no", ["held"], [{ use: "held", device: "sdb1", by: "dm-0" }]]);
  // the root file system stands on a volume, and that on the disk
  assert.deepEqual(usesOf([held, dm], { mounts: mountLine("253:0", "/", "/dev/mapper/root") }), [
    "no",
    ["root", "held"],
    [
      { use: "root", device: "sdb1" },
      { use: "held", device: "sdb1", by: "dm-0" },
    ],
  ]);
});

test("swap, and a btrfs that tells its device only as source, are known by the node", (t) => {
  const root = temporaryDirectory(t);
  const node = (name: string) => join(root, "dev", name);
  const paths = plantBlocks(root, [stick], {
    mounts: mountLine("0:31", "/srv", node("sdb1")),
    swaps: `${node("sdb2")}\tpartition\t1\t0\t-2\n`,
  });
  assert.deepEqual(listDisks(paths)[0]?.uses, [
    { use: "mounted", device: "sdb1", at: "/srv" },
    { use: "swap", device: "sdb2" },
  ]);
});

test("no medium, a lock, too small for the image, larger than a card", (t) => {
  const of = (change: Partial<PlantedBlock>, wish = {}) => {
    const [disk] = look(t, [{ ...stick, ...change }], {}, wish);
    return [disk?.may, disk?.obstacles];
  };
  assert.deepEqual(of({ sectors: 0 }), ["no", ["no-medium"]]);
  assert.deepEqual(of({ files: { removable: "1", ro: "1" } }), ["no", ["read-only"]]);
  assert.deepEqual(of({ sectors: 1000 }, { imageBytes: 512_001 }), ["no", ["too-small"]]);
  assert.deepEqual(of({ sectors: 1000 }, { imageBytes: 512_000 }), ["yes", []]);
  assert.deepEqual(of({ sectors: 256 * GIB_SECTORS }), ["yes", []]);
  assert.deepEqual(of({ sectors: 256 * GIB_SECTORS + 1 }), ["with-yes", ["too-large"]]);
});

test("memory, optical drives and loop devices without a file are no disks", (t) => {
  const others = ["ram0", "zram0", "sr0", "fd0"].map((name, n) => ({
    ...stick,
    name,
    number: `1:${n}`,
    at: `${PCI}/${name}`,
    partitions: [],
  }));
  const loop = { name: "loop0", at: "virtual", number: "7:0", sectors: 0 };
  assert.deepEqual(look(t, [...others, loop]), []);
  assert.deepEqual(look(t, [{ ...loop, sectors: 8 }])[0]?.bus, "virtual");
});

test("the disk that this machine runs from is never writable", (t) => {
  const disks = listDisks(SYSTEM_DISKS);
  const roots = disks.filter(({ uses }) => uses.some(({ use }) => use === "root"));
  if (roots.length === 0) return t.skip("this machine's root is no disk of its own: a container");
  for (const disk of roots) assert.equal(standingOf(disk, { mostBytes: Number.MAX_SAFE_INTEGER }).may, "no");
});
