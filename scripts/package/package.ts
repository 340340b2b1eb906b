import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packArchive } from "./archive.ts";
import { assemble } from "./assemble.ts";
import { ARCHITECTURES, type Architecture, ownTarget, type Target, targetOf } from "./target.ts";

/** `npm run package`: makes `dist/fulltrace-ARCHITECTURE.tar.zst`. */

const ROOT = join(import.meta.dirname, "..", "..", "..");
const USAGE = `usage: npm run package -- [--architecture ${ARCHITECTURES.join("|")}] [--out FILE]`;

const { target, out } = options();
const work = mkdtempSync(join(tmpdir(), "fulltrace-package-"));
process.once("exit", () => rmSync(work, { recursive: true, force: true }));
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const folder = join(work, "fulltrace");
await assemble(ROOT, folder, target);
mkdirSync(join(out, ".."), { recursive: true });
await packArchive(folder, out, "fulltrace");
const digest = createHash("sha256").update(readFileSync(out)).digest("hex");
console.log(`${digest}  ${out}  ${(statSync(out).size / 2 ** 20).toFixed(1)} MiB`);

function options(): { target: Target; out: string } {
  try {
    const { values } = parseArgs({
      options: { architecture: { type: "string" }, out: { type: "string" } },
    });
    const chosen = values.architecture === undefined ? ownTarget() : named(values.architecture);
    return {
      target: chosen,
      out: values.out ?? join(ROOT, "dist", `fulltrace-${chosen.architecture}.tar.zst`),
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function named(architecture: string): Target {
  if ((ARCHITECTURES as string[]).includes(architecture)) return targetOf(architecture as Architecture);
  throw new TypeError(`there is no architecture ${architecture}`);
}
