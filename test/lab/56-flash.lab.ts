import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { fulltrace, MAIN } from "../agent/cli/command-line.ts";
import { plainImage } from "../support/flash/card-images.ts";
import { eventually } from "../support/waiting.ts";
import { askHost, hardware } from "./support/host.ts";
import { formatStick, plugBareStick, unplugStick } from "./support/stick.ts";

// A card in a USB reader, from the list to the unit's first start, and one that is pulled out while it is written.

const TEST_MS = 200_000;
const MIB = 2 ** 20;
const folder = mkdtempSync("/run/flash-");
const image = join(folder, "recorder.img");
const PARTITIONS = "label: gpt\nsize=4MiB,name=boot\nsize=1MiB,name=personal\nsize=8MiB,name=data\n";
const PERSONAL = "/dev/disk/by-partlabel/personal";

before(() => {
  writeFileSync(image, plainImage(24 * MIB));
  const zeros = Buffer.alloc(MIB);
  const fd = openSync(image, "r+");
  writeSync(fd, zeros, 0, MIB, 0);
  writeSync(fd, zeros, 0, MIB, 5 * MIB);
  execFileSync("sfdisk", ["--quiet", image], { input: PARTITIONS });
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function listed(path: string) {
  const { stdout } = await fulltrace(["flash", "list", "--json"]);
  const { disks } = JSON.parse(stdout) as { disks: { path: string; [key: string]: unknown }[] };
  return disks.find((disk) => disk.path === path);
}

test("a card is listed, refused while mounted, written, found after a replug, and adopted", {
  timeout: TEST_MS,
}, async () => {
  formatStick("vfat", new Map([["old.txt", Buffer.from("old")]]));
  await unplugStick();
  const disk = await plugBareStick();
  await eventually("its partition", () => existsSync(`${disk}1`), 60_000);
  const mounted = join(folder, "mounted");
  mkdirSync(mounted);
  execFileSync("mount", [`${disk}1`, mounted]);
  const busy = await listed(disk);
  assert.deepEqual([busy?.["bus"], busy?.["writable"], busy?.["obstacles"]], ["usb", "no", ["mounted"]]);
  const refused = await fulltrace(["flash", "write", image, disk, "--yes"]);
  assert.match(refused.stderr, /^fulltrace: target-mounted: .*1 on \/run\/flash-/);
  execFileSync("umount", [mounted]);
  const free = await listed(disk);
  assert.deepEqual(
    [free?.["bytes"], free?.["removable"], free?.["writable"]],
    [hardware.stickBytes, true, "yes"],
  );

  const config = join(folder, "unit.toml");
  const dataDir = join(folder, "data");
  const text = `role = "recorder"\ndata_dir = "${dataDir}"\n[device]\nmodel = "BWC-1"\nserial = "0"\n[camera]\nsource = "testsrc"\n`;
  writeFileSync(config, text);
  const own = ["--serial", "A000123", "--config", config, "--json"];
  const written = await fulltrace(["flash", "write", image, disk, ...own]);
  assert.equal(written.exit, 0, written.stderr);
  assert.equal(JSON.parse(written.stdout).read_back, "medium");

  await unplugStick();
  const again = await plugBareStick();
  await eventually("the personal partition", () => existsSync(PERSONAL), 60_000);
  const verified = await fulltrace(["flash", "verify", image, again, "--json"]);
  assert.equal(verified.exit, 0, verified.stderr);
  assert.deepEqual(JSON.parse(verified.stdout).personal, {
    state: "present",
    names: ["serial", "config.toml"],
  });
  const etc = join(folder, "etc");
  mkdirSync(etc);
  const adopted = await fulltrace([
    "flash",
    "adopt",
    PERSONAL,
    "--etc",
    etc,
    "--account",
    "daemon",
    "--json",
  ]);
  assert.equal(adopted.exit, 0, adopted.stderr);
  assert.equal(JSON.parse(adopted.stdout).request.serial, "A000123");
  assert.match(readFileSync(join(etc, "recorder.toml"), "utf8"), /serial = "A000123"/);
  const wiped = await fulltrace(["flash", "verify", image, again, "--json"]);
  assert.deepEqual([wiped.exit, JSON.parse(wiped.stdout).personal], [0, { state: "blank" }]);
  await unplugStick();
});

test("a card that is pulled out while it is written says so, and looks empty when it is back", {
  timeout: TEST_MS,
}, async () => {
  const disk = await plugBareStick();
  const large = join(folder, "large.img");
  writeFileSync(large, plainImage(80 * MIB));
  const child = spawn(process.execPath, [MAIN, "flash", "write", large, disk, "--lang", "en"]);
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  const writtenSectors = () =>
    Number(
      readFileSync(`/sys/block/${basename(disk)}/stat`, "utf8")
        .trim()
        .split(/\s+/)[6],
    );
  const start = writtenSectors();
  // well into the body: both cleared ends are 8,192 sectors
  await eventually("some of it", () => writtenSectors() > start + 20_000, TEST_MS);
  await askHost({ kind: "unplug", device: "stick" });
  const [exit] = await once(child, "close");
  assert.equal(exit, 1);
  assert.match(told, /^fulltrace: target-(gone|write-failed): \/dev\/sd[a-z], byte \d+/);
  const back = await plugBareStick();
  const head = execFileSync("dd", [`if=${back}`, "bs=1M", "count=2", "status=none"], { maxBuffer: 4 * MIB });
  assert.ok(head.length === 2 * MIB && head.every((byte) => byte === 0));
  await unplugStick();
});
