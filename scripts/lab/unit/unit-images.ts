import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { keptBuild } from "../../image/debian/kept-build.ts";
import { cacheFolder } from "../../package/cache-folder.ts";
import { run } from "../../package/run.ts";

/** What the lab's unit starts from, and is offered. */
export interface UnitImages {
  /** Version 1.0.0, for the card. */
  image: string;
  updates: Record<UpdateName, string>;
  /** Of everything that went into them. */
  key: string;
  /** False: they lay in the cache. */
  built: boolean;
}

export type UpdateName =
  /** A newer version that runs. */
  | "good"
  /** A newer version, rightly signed, whose recorder ends as soon as it starts. */
  | "broken"
  /** `good`, signed by somebody else. */
  | "foreign"
  /** `good` with one byte changed. */
  | "tampered"
  /** The card's own, once more. */
  | "older";

const SOURCES = ["scripts/image", "scripts/lab/unit/overlay", "scripts/lab/unit/broken"];
const UPDATES: readonly UpdateName[] = ["good", "broken", "foreign", "tampered", "older"];
const VERSIONS = { older: "1.0.0", good: "1.1.0", broken: "1.2.0" };

/** From the cache, under a key of everything that goes into them; or made there. */
export async function unitImages(root: string, fresh: boolean): Promise<UnitImages> {
  const program = join(root, "dist/fulltrace_lab_armhf.deb");
  await run(process.execPath, [
    ...[join(root, "scripts/package.mjs"), "--architecture", "armhf", "--format", "deb", "--out", program],
  ]);
  const sources = SOURCES.map((folder) => join(root, folder));
  const hash = createHash("sha256").update(readFileSync(program));
  for (const file of sources.flatMap(filesBelow)) hash.update(file).update(readFileSync(file));
  const key = hash.digest("hex").slice(0, 16);
  const { folder, built } = await keptBuild(cacheFolder("lab-unit"), key, fresh, (into) => build(root, into));
  const updates = Object.fromEntries(UPDATES.map((name) => [name, join(folder, `${name}.raucb`)]));
  return { image: join(folder, "unit.img"), updates: updates as Record<UpdateName, string>, key, built };
}

async function build(root: string, into: string): Promise<void> {
  await authority(into, "office");
  await authority(into, "stranger");
  const image = async (out: string, version: string, ...more: string[]) =>
    await run(process.execPath, [
      ...[join(root, "scripts/image.mjs"), "--out", join(into, out), "--version", version],
      ...["--update-ca", join(into, "office-ca.pem"), "--overlay", join(root, "scripts/lab/unit/overlay")],
      ...more,
    ]);
  const signed = ["--cert", join(into, "office.pem"), "--key", join(into, "office.key")];
  await image("older.img", VERSIONS.older, ...signed);
  await image("good.img", VERSIONS.good, ...signed);
  await image("broken.img", VERSIONS.broken, ...signed, "--overlay", join(root, "scripts/lab/unit/broken"));
  const stranger = ["--cert", join(into, "stranger.pem"), "--key", join(into, "stranger.key")];
  await run("rauc", [
    ...[
      "resign",
      "--keyring",
      join(into, "office-ca.pem"),
      "--signing-keyring",
      join(into, "stranger-ca.pem"),
    ],
    ...[...stranger, join(into, "good.raucb"), join(into, "foreign.raucb")],
  ]);
  // in the middle of its file system, which dm-verity looks after
  await run("sh", [
    "-c",
    'cp "$1" "$2" && printf x | dd of="$2" bs=1 seek=$(($(stat -c %s "$2") / 2)) conv=notrunc status=none',
    "sh",
    join(into, "good.raucb"),
    join(into, "tampered.raucb"),
  ]);
  renameSync(join(into, "older.img"), join(into, "unit.img"));
  for (const name of ["good", "broken"]) rmSync(join(into, `${name}.img`));
}

/** An authority `NAME-ca.pem` and what it lets sign, `NAME.pem` with `NAME.key`. */
async function authority(folder: string, name: string): Promise<void> {
  const at = (file: string) => join(folder, `${name}${file}`);
  const newKey = ["-newkey", "rsa:2048", "-nodes", "-keyout"];
  const subject = ["-subj", `/CN=${name}`, "-days", "3650"];
  await run("openssl", ["req", "-x509", ...newKey, at("-ca.key"), "-out", at("-ca.pem"), ...subject]);
  await run("openssl", ["req", ...newKey, at(".key"), "-out", at(".csr"), "-subj", `/CN=${name} release`]);
  await run("openssl", [
    ...["x509", "-req", "-in", at(".csr"), "-CA", at("-ca.pem"), "-CAkey", at("-ca.key")],
    ...["-CAcreateserial", "-out", at(".pem"), "-days", "3650"],
  ]);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
