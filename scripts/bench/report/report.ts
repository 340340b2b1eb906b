import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemRandom } from "../../../config/base/random.ts";
import { SigningKey } from "../../../crypto/keys/ed25519.ts";
import type { Bench } from "../bench-run.ts";
import { LedgerMaker } from "../ledger/make-ledger.ts";
import type { Measurement } from "../measure/row.ts";
import { say } from "../measure/say.ts";
import { median, timedMs } from "../measure/timing.ts";
import { workingDays } from "./working-days.ts";

const MAIN = fileURLToPath(new URL("../../../agent/cli/main.js", import.meta.url));
const ROUNDS = 15;
/** Recordings of ten minutes, 48 a day for 68 days: 10^6 entries. */
const DAYS = 68;
const RECORDINGS_A_DAY = 52;
const CHUNKS_EACH = 305;
const ENTRIES = 1_000_000;
const FORMATS = ["table", "html"] as const;

/** A month's report over a ledger of 10^6 entries, as a process, beside a process that does nothing. */
export async function benchReport({ workDir }: Bench): Promise<Measurement[]> {
  const dataDir = join(workDir, "report");
  makeLedger(dataDir);
  const report = ["report", "--period", "2026-10", "--zone", "Asia/Shanghai", "--data", dataDir];
  const ms = { nothing: [] as number[], table: [] as number[], html: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    ms.nothing.push(timedMs(() => run(["-e", "0"])));
    for (const format of FORMATS) ms[format].push(timedMs(() => run([MAIN, ...report, "--format", format])));
  }
  return FORMATS.map((format) => ({
    name: `report of a month, ${format}, at 10^6 entries: p50 / node -e 0`,
    value: median(ms[format]),
    unit: "ms",
    yardstick: median(ms.nothing),
    goal: { atMost: 6 },
  }));
}

function makeLedger(dataDir: string): void {
  say(`making a ledger of ${ENTRIES} entries of working days`);
  const maker = LedgerMaker.begin(dataDir);
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
}

function run(args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  if (status !== 0) throw new Error(`node ${args.join(" ")}: ${stderr}`);
}
