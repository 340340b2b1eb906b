import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { packPersonal } from "../../agent/flash/personal/archive.ts";
import { REPOSITORY } from "../support/repository.ts";
import { eventually } from "../support/waiting.ts";
import { pluggedStick } from "./support/stick.ts";

// What gets a unit's data partition ready, run where there is a TPM: the card is the disk that is plugged in.

const TEST_MS = 200_000;
const folder = mkdtempSync("/run/data-partition-");
const SCRIPT = join(folder, "data-partition");
const PARTITION = "/dev/disk/by-partlabel/data";
const PERSONAL = "/dev/disk/by-partlabel/personal";
const MAPPED = "/dev/mapper/data";
const mounted = join(folder, "mounted");
const evidence = join(mounted, "fulltrace/evidence");
const key = Buffer.alloc(32, "a dock's key: ");

cpSync(join(REPOSITORY, "scripts/image/root/files/usr/lib/fulltrace-image/data-partition"), SCRIPT);
mkdirSync(mounted);
mkdirSync(join(folder, "skeleton/fulltrace/evidence"), { recursive: true });
mkdirSync(join(folder, "skeleton/fulltrace/config"));
writeFileSync(join(folder, "skeleton/fulltrace/config/recorder.toml"), "# of the image\n");
run("tar", "-cf", join(folder, "data.tar"), "-C", join(folder, "skeleton"), ".");
after(() => {
  if (existsSync(MAPPED)) run("cryptsetup", "close", "data");
  rmSync(folder, { recursive: true, force: true });
});

function run(command: string, ...words: string[]): string {
  return execFileSync(command, words, { encoding: "utf8" });
}

/** Plain ext4 as the image has it; `size` for a file that is not there yet. */
function layData(place: string, ...size: string[]): void {
  run("mkfs.ext4", "-q", "-F", "-L", "data", "-d", join(folder, "skeleton"), place, ...size);
}

/** A card as the image has it: with the skeleton in plain ext4, and what it carries for one unit. */
async function layCard(personal: Buffer): Promise<void> {
  if (existsSync(MAPPED)) run("cryptsetup", "close", "data");
  const disk = await pluggedStick();
  run("wipefs", "--all", "--force", "--quiet", disk);
  execFileSync("sfdisk", ["--quiet", "--wipe-partitions", "always", disk], {
    input: "label: gpt\nsize=1MiB,name=personal\nname=data\n",
  });
  await eventually("the partitions", () => existsSync(PARTITION) && existsSync(PERSONAL), 60_000);
  layData(PARTITION);
  run("dd", "if=/dev/zero", `of=${PERSONAL}`, "bs=1M", "count=1", "conv=fsync", "status=none");
  writeFileSync(PERSONAL, personal, { flag: "r+" });
  run("udevadm", "settle");
}

/** As at a start of the unit. */
function start(): void {
  run("sh", SCRIPT);
}

const typeOf = (device: string) => run("blkid", "--probe", "-s", "TYPE", "-o", "value", device).trim();
const labelOf = (device: string) => run("blkid", "--probe", "-s", "LABEL", "-o", "value", device).trim();
const uuid = () => run("cryptsetup", "luksUUID", PARTITION).trim();
const slots = () => run("cryptsetup", "luksDump", PARTITION).match(/^ {2}\d+: luks2$/gm)?.length;

function mountedAs<T>(options: string, place: string, look: () => T): T {
  run("mount", "-o", options, place, mounted);
  try {
    return look();
  } finally {
    run("umount", mounted);
  }
}

const contentOf = (device: string) =>
  mountedAs("ro", device, () => readFileSync(join(mounted, "fulltrace/config/recorder.toml"), "utf8"));

function opensWith(bytes: Buffer): boolean {
  const file = join(folder, "tried.key");
  writeFileSync(file, bytes);
  try {
    // without its tokens, the TPM would open it whatever key is given
    const alone = ["--test-passphrase", "--disable-external-tokens", "--key-file", file];
    execFileSync("cryptsetup", ["open", ...alone, PARTITION], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test("a unit with a TPM encrypts its data at the first start, and opens it by itself at the next", {
  timeout: TEST_MS,
}, async () => {
  await layCard(Buffer.alloc(0));
  start();
  assert.equal(typeOf(PARTITION), "crypto_LUKS");
  assert.equal(labelOf(PARTITION), "fulltrace-data");
  assert.match(run("cryptsetup", "luksDump", PARTITION), /systemd-tpm2/);
  assert.equal(slots(), 1, "nothing opens it but the TPM");
  assert.equal(contentOf(MAPPED), "# of the image\n");
  const first = uuid();
  run("cryptsetup", "close", "data");
  start();
  assert.equal(contentOf(MAPPED), "# of the image\n");
  assert.equal(uuid(), first, "it is made once");
});

test("a key that the card carries opens it too, on the day on which the unit is dead", {
  timeout: TEST_MS,
}, async () => {
  await layCard(packPersonal(new Map([["data-key", key]])));
  start();
  assert.equal(slots(), 2);
  assert.ok(opensWith(key));
  assert.ok(!opensWith(Buffer.alloc(32, 1)), "another does not");
});

test("what the power went away from is made anew; what is whole never is, and neither is evidence", {
  timeout: TEST_MS,
}, async () => {
  await layCard(packPersonal(new Map([["data-key", key]])));
  start();
  run("cryptsetup", "close", "data");
  const first = uuid();
  run("cryptsetup", "config", "--label", "fulltrace-new", PARTITION);
  start();
  assert.notEqual(uuid(), first);
  assert.equal(contentOf(MAPPED), "# of the image\n");

  await layCard(packPersonal(new Map([["data-key", key]])));
  // a header that was cut off
  run("dd", "if=/dev/urandom", `of=${PARTITION}`, "bs=4096", "count=3", "conv=fsync,notrunc", "status=none");
  start();
  assert.equal(labelOf(PARTITION), "fulltrace-data");

  await layCard(packPersonal(new Map([["data-key", key]])));
  mountedAs("rw", PARTITION, () => writeFileSync(join(evidence, "ledger.db"), "evidence"));
  start();
  assert.equal(typeOf(PARTITION), "ext4", "a unit in use stays as it is");
  // its first inodes: it cannot be mounted any more, and may hold evidence
  run(
    "dd",
    "if=/dev/zero",
    `of=${PARTITION}`,
    "bs=4096",
    "seek=1",
    "count=64",
    "conv=fsync,notrunc",
    "status=none",
  );
  start();
  assert.equal(typeOf(PARTITION), "ext4", "what cannot be read stays as it is");
});

test("evidence that a power cut left in the journal alone is evidence", { timeout: TEST_MS }, async () => {
  await layCard(packPersonal(new Map([["data-key", key]])));
  const card = join(folder, "card.img");
  const cut = join(folder, "cut.img");
  layData(card, "24M");
  run("modprobe", "loop");
  mountedAs("loop", card, () => {
    writeFileSync(join(evidence, "ledger.db"), "evidence");
    run("sync", join(evidence, "ledger.db"), evidence);
    // what has been written of it at this moment
    cpSync(card, cut);
  });
  run("dd", `if=${cut}`, `of=${PARTITION}`, "bs=1M", "conv=fsync,notrunc", "status=none");
  rmSync(card);
  rmSync(cut);
  const placed = mountedAs("ro,noload", PARTITION, () => readdirSync(evidence));
  assert.deepEqual(placed, [], "it stands in the journal alone");
  start();
  assert.equal(typeOf(PARTITION), "ext4");
});
