import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemRandom } from "../../../config/base/random.ts";
import { SigningKey } from "../../../crypto/keys/ed25519.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { hasDerived, openForReading } from "../../../crypto/ledger/db/schema.ts";
import { interpreter } from "../../demo/agent-process.ts";
import type { Bench } from "../bench-run.ts";
import { LedgerMaker } from "../ledger/make-ledger.ts";
import type { Measurement } from "../measure/row.ts";
import { say } from "../measure/say.ts";
import { elapsedMs, median } from "../measure/timing.ts";
import { workingDays } from "./working-days.ts";

const ENTRIES = 1_000_000;
/** Of recordings of ten minutes, nearly all of 10^6 entries; the rest is heartbeats. */
const DAYS = 68;
const RECORDINGS_A_DAY = 52;
const CHUNKS_EACH = 305;
const RUNS = 9;
const GOAL = { atMost: 6 };
const MAIN = fileURLToPath(new URL("../../../agent/cli/main.js", import.meta.url));

interface Query {
  args: readonly string[];
  /** Exit code of the right answer. */
  exit: 0 | 1;
}

/** Commands that only read, each beside a Node that does nothing, in turn, on a ledger of 10^6 entries. */
export async function benchQueries({ workDir }: Bench): Promise<Measurement[]> {
  const dataDir = keptLedger(workDir);
  const times = queries(dataDir, workDir).map((query) => ({ query, own: [] as number[] }));
  const idle: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    idle.push(await elapsedMs(async () => finish(spawnSync(process.execPath, ["-e", "0"]), 0)));
    for (const { query, own } of times) own.push(await elapsedMs(async () => ask(query, dataDir)));
  }
  const yardstick = median(idle);
  return times.map(({ query, own }) => ({
    name: `${nameOf(query)} at 10^6 / node -e 0`,
    value: median(own),
    unit: "ms",
    yardstick,
    goal: GOAL,
  }));
}

/** What is measured; a query more is a line more. */
function queries(dataDir: string, workDir: string): Query[] {
  const reader = LedgerReader.open(dataDir);
  const activity = reader.activities.newest(1)[0]?.activity ?? "";
  const rec = reader.recordings.all().at(-2)?.rec ?? "";
  reader.close();
  const proof = join(workDir, "entry.tlog-proof");
  const month = ["report", "--period", "2026-10", "--zone", "Asia/Shanghai"];
  return [
    // no agent runs there
    { args: ["status"], exit: 1 },
    { args: ["ledger", "list"], exit: 0 },
    { args: ["ledger", "list", "--type", "device.gap"], exit: 0 },
    { args: ["ledger", "list", "--until", "2026-09-10"], exit: 0 },
    { args: ["ledger", "list", "--rec", rec], exit: 0 },
    { args: ["ledger", "show", "500000"], exit: 0 },
    { args: ["ledger", "tail"], exit: 0 },
    { args: ["ledger", "stats"], exit: 0 },
    { args: ["ledger", "proof", "500000", proof, "--force"], exit: 0 },
    { args: ["activity", "list"], exit: 0 },
    { args: ["activity", "show", activity], exit: 0 },
    // nothing of what the template asks for is there
    { args: ["activity", "check", activity, "--template", "on-site-inspection"], exit: 1 },
    { args: [...month, "--format", "table"], exit: 0 },
    { args: [...month, "--format", "html"], exit: 0 },
  ];
}

function nameOf({ args }: Query): string {
  return args.filter((arg) => !/^[0-9]+$|^[0-9a-f-]{36}$|^\/|^--force$/.test(arg)).join(" ");
}

function ask({ args, exit }: Query, dataDir: string): void {
  const [node = "", ...flags] = interpreter();
  finish(spawnSync("env", [node, ...flags, MAIN, ...args, "--data", dataDir]), exit);
}

function finish({ status, stderr }: ReturnType<typeof spawnSync>, exit: number): void {
  if (status !== exit) throw new Error(`exit ${status}: ${stderr}`);
}

/** Made once, which takes minutes, and kept beside the run's own directory for the next. */
function keptLedger(workDir: string): string {
  const kept = join(workDir, "..", `fulltrace-bench-days-${ENTRIES}`);
  if (existsSync(kept) && isIndexed(kept)) return kept;
  say(`making a ledger of ${ENTRIES} entries of working days`);
  rmSync(kept, { recursive: true, force: true });
  const made = join(workDir, "days");
  mkdirSync(made);
  const maker = LedgerMaker.begin(made);
  maker.growBy(
    workingDays({
      dev: maker.dev,
      fromMs: Date.parse("2026-09-01T00:00:00+08:00"),
      days: DAYS,
      officers: ["110042", "110043"],
      kinds: ["inspection", "seizure"],
      recordingsADay: RECORDINGS_A_DAY,
      chunksEach: CHUNKS_EACH,
      custody: SigningKey.generate(systemRandom),
      receiver: "bench.example",
      seed: 7,
    }),
  );
  maker.growTo(ENTRIES);
  renameSync(made, kept);
  return kept;
}

/** False: of another version of the indexes. */
function isIndexed(dataDir: string): boolean {
  const db = openForReading(dataDir);
  try {
    return hasDerived(db);
  } finally {
    db.close();
  }
}
