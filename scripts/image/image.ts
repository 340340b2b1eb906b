import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../config/base/clock.ts";
import { manifestAt } from "../package/contents/manifest.ts";
import { run } from "../package/run.ts";
import { boardNamed } from "./boards/board.ts";
import { makeDisk } from "./disk/disk.ts";
import { makeFileSystems } from "./disk/file-systems.ts";
import { imageOptions } from "./options.ts";
import { baseRoot } from "./root/base-root.ts";
import { layUnitRoot } from "./root/unit-root.ts";
import { makeBundle } from "./update/bundle.ts";

/** `scripts/build-image`: makes a card's image of a recorder, and a signed update of the same. */

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const SOURCES = join(ROOT, "scripts/image");

const options = imageOptions(process.argv.slice(2), join(ROOT, "dist"));
if (process.getuid?.() !== 0) {
  console.error("build-image: files of a unit's root have owners of their own: run it as root");
  process.exit(2);
}
const board = boardNamed(options.board, join(SOURCES, "boards"));
const version = options.version ?? manifestAt(ROOT).version;
mkdirSync(dirname(options.out), { recursive: true });
const work = mkdtempSync(join(dirname(options.out), "image-"));
process.once("exit", () => rmSync(work, { recursive: true, force: true }));
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const base = await step("Debian, kernel, Node", () => baseRoot(board, options.debian, options.fresh));
const deb = join(work, "fulltrace.deb");
await step("program", async () => packageAs(deb));
const from = { root: join(work, "root"), data: join(work, "data") };
await step("root", () =>
  layUnitRoot(
    {
      board,
      base,
      deb,
      files: [join(SOURCES, "root/files"), join(board.folder, "files")],
      overlays: options.overlays,
      version,
      ...(options.updateCa !== undefined && { updateCa: options.updateCa }),
    },
    from.root,
    from.data,
  ),
);
const bootCmd = readFileSync(join(SOURCES, "boot/boot.cmd"), "utf8");
const parts = await step("file systems", () => makeFileSystems(board, bootCmd, from, work));
await step("image", () => makeDisk(board, join(SOURCES, "disk/disk.cfg"), work, options.out));
await report(options.out);
if (options.signer !== undefined) {
  const { signer } = options;
  const versions = { version, minimum: options.minimumVersion ?? version };
  const bundle = options.out.replace(/(\.img)?$/, ".raucb");
  await step("update bundle", () => makeBundle(board, versions, parts.root, signer, work, bundle));
  await report(bundle);
}

/** By the same command as for everybody, as a process: it packs into a place of its own. */
function packageAs(file: string): void {
  const words = [join(ROOT, "scripts/package.mjs"), "--architecture", "armhf", "--format", "deb"];
  const { status } = spawnSync(process.execPath, [...words, "--out", file], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("the package was not made: see above");
}

async function step<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
  const startUs = systemClock.monoUs();
  const value = await work();
  console.error(`image: ${name}, ${((systemClock.monoUs() - startUs) / 1e6).toFixed(1)} s`);
  return value;
}

async function report(file: string): Promise<void> {
  const [digest] = (await run("sha256sum", [file])).split(" ");
  console.log(`${digest}  ${file}  ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB`);
}
