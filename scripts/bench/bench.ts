import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchRecording } from "./agent/recording.ts";
import type { Bench } from "./bench-run.ts";
import { benchDock } from "./dock/dock.ts";
import { benchFlash } from "./flash/flash.ts";
import { benchImport } from "./import/import.ts";
import { benchAppend } from "./ledger/append.ts";
import { Ledgers } from "./ledger/ledgers.ts";
import { benchProof } from "./ledger/proof.ts";
import { benchVerify } from "./ledger/verify.ts";
import { idleShare } from "./measure/idleness.ts";
import { judge, type Measurement, table } from "./measure/row.ts";
import { say } from "./measure/say.ts";
import { benchQueries } from "./queries/queries.ts";
import { benchStartup } from "./startup/startup.ts";
import { benchSync } from "./sync/sync.ts";

const PARTS: Record<string, (bench: Bench) => Promise<Measurement[]>> = {
  append: benchAppend,
  proof: benchProof,
  verify: benchVerify,
  recording: benchRecording,
  sync: benchSync,
  import: benchImport,
  dock: benchDock,
  queries: benchQueries,
  startup: benchStartup,
  flash: benchFlash,
};

const IDLE_SAMPLE_MS = 1_000;
const USAGE = `usage: npm run bench -- [--json] [--full] [--only ${Object.keys(PARTS).join("|")}]...`;

function options(): { json: boolean; full: boolean; only: string[] } {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: "boolean", default: false },
        full: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: Object.keys(PARTS) },
      },
    });
    const stranger = values.only.find((name) => !Object.hasOwn(PARTS, name));
    if (stranger !== undefined) throw new TypeError(`there is no part ${stranger}`);
    return values;
  } catch (error) {
    say(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

const { json, full, only } = options();
// not /tmp, which may be memory, where an fsync costs nothing
const workDir = mkdtempSync(join(process.env.TMPDIR ?? "/var/tmp", "fulltrace-bench-"));
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
process.once("exit", () => rmSync(workDir, { recursive: true, force: true }));

const idle = await idleShare(IDLE_SAMPLE_MS);
if (idle < 0.9) say(`the machine is busy (${Math.round(idle * 100)} % idle): figures will suffer`);
const bench: Bench = { workDir, ledgers: new Ledgers(workDir), full };
const measured: Measurement[] = [];
for (const [name, run] of Object.entries(PARTS)) {
  if (!only.includes(name)) continue;
  say(name);
  measured.push(...(await run(bench)));
}
const rows = measured.map(judge);
console.log(json ? JSON.stringify(rows, null, 2) : table(rows));
