import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { Face } from "../../../../agent/cli/face/face.ts";
import { columns } from "../../../../agent/cli/face/width.ts";
import { list } from "../../../../agent/cli/verbs/flash/list.ts";
import { progressLine } from "../../../../agent/cli/verbs/flash/progress-bar.ts";
import { assertFitsSchema } from "../../../support/cli-schema.ts";
import { gptImage, PERSONAL } from "../../../support/flash/card-images.ts";
import { plantBlocks } from "../../../support/flash/planted-block.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace, MAIN } from "../command-line.ts";

const CODE = "7K2M-Q4XR-91";

function imageIn(t: TestContext) {
  const folder = temporaryDirectory(t);
  const image = join(folder, "recorder.img");
  writeFileSync(image, gptImage());
  const config = join(folder, "unit.toml");
  const dataDir = join(folder, "data");
  const text = `role = "recorder"\ndata_dir = "${dataDir}"\n[device]\nmodel = "BWC-1"\nserial = "0"\n[camera]\nsource = "testsrc"\n`;
  writeFileSync(config, text);
  return { folder, image, config, dataDir, card: join(folder, "card.img") };
}

test("from an image to an enrolled unit: written packed, verified, adopted, its request checked", async (t) => {
  const { folder, image, config, dataDir, card } = imageIn(t);
  execFileSync("zstd", ["-q", image]);
  const packed = `${image}.zst`;
  const sum = execFileSync("sha256sum", ["recorder.img.zst"], { cwd: folder });
  writeFileSync(`${packed}.sha256`, sum);
  const own = ["--serial", "A000123", "--config", config, "--enrol", CODE];
  const written = await fulltrace(["flash", "write", packed, card, ...own, "--json"]);
  assert.deepEqual([written.exit, written.stderr], [0, ""]);
  const { checked, personal, bytes } = JSON.parse(written.stdout);
  assert.deepEqual(
    [checked, personal, bytes],
    [true, ["serial", "config.toml", "enrolment-code"], readFileSync(image).length],
  );
  const verified = await fulltrace(["flash", "verify", image, card, "--lang", "zh"]);
  assert.equal(verified.exit, 0, verified.stderr);
  assert.match(verified.stdout, /与镜像一致.*未核验：没有 recorder.img.sha256.*序列号、配置、注册码/s);

  // what the unit's kernel shows as its partition
  const part = join(folder, "part");
  writeFileSync(part, readFileSync(card).subarray(PERSONAL.at, PERSONAL.at + PERSONAL.bytes));
  const etc = join(folder, "etc");
  mkdirSync(etc);
  const adopt = ["flash", "adopt", part, "--etc", etc, "--account", "daemon", "--json"];
  const adopted = JSON.parse((await fulltrace(adopt)).stdout);
  assert.equal(adopted.outcome, "adopted");
  const again = JSON.parse((await fulltrace(adopt)).stdout);
  assert.deepEqual(again, { outcome: "nothing", request: adopted.request });
  const request = join(dataDir, "enrolment-request.json");
  const accepted = await fulltrace(["flash", "enrolment", request, "--code", CODE, "--json"]);
  const { vkey } = adopted.request;
  assert.deepEqual(JSON.parse(accepted.stdout), {
    vkey,
    model: "BWC-1",
    serial: "A000123",
    code_checked: true,
  });
  const told = await fulltrace(["flash", "enrolment", request]);
  assert.ok(told.stdout.endsWith(`  [receiver]\n  devices = ["${vkey}"]\n`), told.stdout);
  const wrong = await fulltrace(["flash", "enrolment", request, "--code", "another-code"]);
  assert.equal(wrong.exit, 1);
  assert.match(wrong.stderr, /enrolment-code-wrong/);
});

test("a card that is another is told with the byte, exit 1", async (t) => {
  const { image, card } = imageIn(t);
  assert.equal((await fulltrace(["flash", "write", image, card])).exit, 0);
  const bytes = readFileSync(card);
  bytes.writeUInt8((bytes[3_333_333] as number) ^ 4, 3_333_333);
  writeFileSync(card, bytes);
  const people = await fulltrace(["flash", "verify", image, card]);
  assert.deepEqual([people.exit, people.stderr], [1, ""]);
  assert.match(people.stdout, /first byte that differs is 3333333\.\n$/);
  const machine = await fulltrace(["flash", "verify", image, card, "--json"]);
  assert.deepEqual([machine.exit, JSON.parse(machine.stdout).differs_at], [1, 3_333_333]);
});

test("stopped by a signal it says that the card is not bootable, and leaves none", async (t) => {
  const { folder, card } = imageIn(t);
  const image = join(folder, "large.img");
  writeFileSync(image, "");
  // holes: more than any disk writes before the signal comes
  truncateSync(image, 64 * 2 ** 30);
  const packed = join(folder, "packed.img.zst");
  execFileSync("sh", ["-c", `head -c 2G /dev/zero | zstd -q --stream-size=2147483648 -o ${packed}`]);
  const cases = [
    ["SIGINT", image],
    ["SIGTERM", image],
    ["SIGINT", packed],
  ] as const;
  for (const [signal, file] of cases) {
    const { PATH = "" } = process.env;
    const args = [MAIN, "flash", "write", file, card, "--lang", "en"];
    const child = spawn(process.execPath, args, { env: { PATH } });
    child.stderr.setEncoding("utf8");
    let told = "";
    child.stderr.on("data", (text: string) => {
      told += text;
    });
    await untilFile(card);
    child.kill(signal);
    const [exit] = await once(child, "close");
    assert.deepEqual([exit, existsSync(card)], [1, false], told);
    assert.match(
      told,
      /^fulltrace: flash-interrupted: .*card\.img\n.*not bootable\.\n {2}Next: write it again/,
    );
  }
});

/** Returns once the file holds something; the runner's own limit ends a wait for ever. */
async function untilFile(path: string): Promise<void> {
  while ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0)
    await new Promise((resolve) => setImmediate(resolve));
}

test("the list is told in both languages within 80 columns, and as its schema says", async (t) => {
  const root = temporaryDirectory(t);
  const paths = plantBlocks(
    root,
    [
      {
        name: "sda",
        at: "pci0/ata1/host0",
        number: "8:0",
        sectors: 2 ** 30,
        files: { "device/model": "Samsung SSD 860 EVO with a very long name" },
        partitions: [{ name: "sda1", number: "8:1" }],
      },
      { name: "sdb", at: "pci0/usb1/1-2", number: "8:16", sectors: 2 ** 26, files: { removable: "1" } },
      { name: "sdc", at: "pci0/usb1/1-3", number: "8:32", sectors: 0, files: { removable: "1" } },
      { name: "mmcblk0", at: "pci0/mmc_host/mmc0", number: "179:0", sectors: 2 ** 24 },
    ],
    { mounts: "36 35 8:1 / / rw - ext4 /dev/sda1 rw\n" },
  );
  const told = async (lang: string, json = false) => {
    const stdout = new PassThrough();
    const face = new Face({ stdout, stderr: new PassThrough(), env: {}, lang });
    assert.equal(await list(face, { json }, paths), 0);
    return String(stdout.read()).replaceAll(root, "");
  };
  const english = await told("en");
  const chinese = await told("zh");
  // columns are as wide as the planted paths were
  assert.match(english, /^disk +size {2}bus {3}kind {7}writable {4}model\n/);
  assert.match(english, /\n\/dev\/mmcblk0 +8\.00 GiB {2}eMMC {2}fixed {6}with --yes\n {4}internal disk\n/);
  assert.match(
    english,
    /\/dev\/sda .* SATA .* no .* Samsung SSD 860 EVO wit…\n {4}this machine runs from it \(sda1 on \/\)\n/,
  );
  assert.match(
    english,
    /\/dev\/sdb +32\.0 GiB {2}USB +removable +yes\n\/dev\/sdc +empty {2}USB .*\n {4}no card is in it\n$/,
  );
  assert.match(chinese, /\/dev\/sdb +32\.0 GiB {2}USB +可移动 +可以\n\/dev\/sdc +无卡 .*\n {4}未插卡\n$/);
  const rows = [english, chinese].flatMap((text) => text.split("\n").slice(1));
  for (const line of rows) assert.ok(columns(line) <= 80, line);
  assertFitsSchema("flash list", JSON.parse(await told("en", true)));
});

test("the bar of progress keeps to 80 columns in both languages", () => {
  const face = (lang: string) =>
    new Face({ stdout: new PassThrough(), stderr: new PassThrough(), env: {}, lang });
  const total = 255.9 * 2 ** 30;
  for (const lang of ["en", "zh"]) {
    for (const phase of ["writing", "reading"] as const) {
      for (const [done, rate] of [
        [0, null],
        [total / 3, 1000.4 * 2 ** 20],
        [total - 1, 1],
        [1000, 11 * 2 ** 20],
        [total, 0],
      ] as const) {
        const line = progressLine(face(lang), { phase, done, total }, rate);
        assert.ok(columns(line) <= 80, line);
      }
    }
  }
  const line = progressLine(face("en"), { phase: "writing", done: 512 * 2 ** 20, total: 2 ** 30 }, 2 ** 23);
  assert.equal(line, "writing       ##########..........   50 %  512.0 MiB  8.00 MiB/s  1:04 left");
});
