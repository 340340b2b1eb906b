import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packArchive } from "./archive.ts";
import { assemble } from "./assemble.ts";
import { manifestAt } from "./contents/manifest.ts";
import { packDeb } from "./deb/deb.ts";
import { ARCHITECTURES, type Architecture, ownTarget, type Target, targetOf } from "./target.ts";

/** `npm run package`: makes `dist/fulltrace-ARCHITECTURE.tar.zst`, or a Debian package of the same. */

const ROOT = join(import.meta.dirname, "..", "..", "..");
const USAGE = `usage: npm run package -- [--architecture ${ARCHITECTURES.join("|")}] [--format tar|deb] [--out FILE]`;

const { target, format, out } = options();
const work = mkdtempSync(join(tmpdir(), "fulltrace-package-"));
process.once("exit", () => rmSync(work, { recursive: true, force: true }));
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const folder = join(work, "fulltrace");
await assemble(ROOT, folder, target);
mkdirSync(join(out, ".."), { recursive: true });
if (format === "deb") await packDeb(ROOT, folder, out, target);
else await packArchive(folder, out, "fulltrace");
const digest = createHash("sha256").update(readFileSync(out)).digest("hex");
console.log(`${digest}  ${out}  ${(statSync(out).size / 2 ** 20).toFixed(1)} MiB`);

type Format = "tar" | "deb";

function options(): { target: Target; format: Format; out: string } {
  try {
    const { values } = parseArgs({
      options: {
        architecture: { type: "string" },
        format: { type: "string", default: "tar" },
        out: { type: "string" },
      },
    });
    const target = values.architecture === undefined ? ownTarget() : named(values.architecture);
    const { format } = values;
    if (format !== "tar" && format !== "deb") throw new TypeError(`there is no format ${format}`);
    return { target, format, out: values.out ?? join(ROOT, "dist", fileName(target, format)) };
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function fileName({ architecture }: Target, format: Format): string {
  if (format === "tar") return `fulltrace-${architecture}.tar.zst`;
  return `fulltrace_${manifestAt(ROOT).version}_${architecture}.deb`;
}

function named(architecture: string): Target {
  if ((ARCHITECTURES as string[]).includes(architecture)) return targetOf(architecture as Architecture);
  throw new TypeError(`there is no architecture ${architecture}`);
}
