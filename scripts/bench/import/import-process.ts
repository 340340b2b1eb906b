import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { basename } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Importer } from "../../../capture/import/importer.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { Ledger } from "../../../crypto/ledger/ledger.ts";
import { ledgerOptions } from "../ledger/ledger-options.ts";
import { memoryMib } from "../measure/process-usage.ts";
import { elapsedMs } from "../measure/timing.ts";

/** A dock's ledger and importer alone, in a process of their own: the files of an order, each in a bay of its own. */
export interface ImportRun {
  dataDir: string;
  files: string[];
}

/** What the import took, from the first file asked for to the last stop; the process was up before. */
export interface ImportUsage {
  wallMs: number;
  cpuMs: number;
  /** What hashing each byte once more took of it: the digest of the whole file. */
  secondHashCpuMs: number;
  peakMib: number;
  loopDelayP99Ms: number;
  /** When each bay had its file. */
  bayMs: number[];
}

const SAMPLE_BYTES = 256 * 2 ** 20;

const run = JSON.parse(process.argv[2] as string) as ImportRun;
const { dataDir } = run;
const ledger = await Ledger.open(ledgerOptions(dataDir), systemClock);
const importer = Importer.open({
  writer: ledger,
  dataDir,
  keepFreeBytes: 0,
  recipients: [],
  random: systemRandom,
  clock: systemClock,
  log: { error: () => {} },
});
// the first answer comes when its thread is up
await importer.digestOf({ kind: "path", path: run.files[0] as string }, 0).catch(() => {});

const loopDelay = monitorEventLoopDelay({ resolution: 1 });
loopDelay.enable();
const before = process.cpuUsage();
const bayMs: number[] = [];
const wallMs = await elapsedMs(async () => {
  await Promise.all(
    run.files.map(async (path, bay) => {
      const claim = { serial: `bay ${bay}`, path: basename(path), bytes: statSync(path).size };
      const ms = await elapsedMs(async () => {
        const { reason } = await importer.importFile({ claim, source: { kind: "path", path } });
        if (reason !== "imported") throw new Error(`${path}: ${reason}`);
      });
      bayMs.push(ms);
    }),
  );
});
const cpu = process.cpuUsage(before);
loopDelay.disable();
const { peak: peakMib } = memoryMib(process.pid);
const usage: ImportUsage = {
  wallMs,
  cpuMs: (cpu.user + cpu.system) / 1000,
  secondHashCpuMs: hashCpuMs(run.files.reduce((sum, path) => sum + statSync(path).size, 0)),
  peakMib,
  loopDelayP99Ms: loopDelay.percentile(99) / 1e6,
  bayMs,
};
await importer.close();
await ledger.close("bench");
await ledger.end();
process.stdout.write(JSON.stringify(usage));

/** What hashing `bytes` takes that lie in the processor's cache already, as they do when a file's hash comes to them. */
function hashCpuMs(bytes: number): number {
  const piece = Buffer.alloc(256 * 1024, 7);
  const hash = createHash("sha256");
  const start = process.cpuUsage();
  for (let done = 0; done < SAMPLE_BYTES; done += piece.length) hash.update(piece);
  hash.digest();
  const { user, system } = process.cpuUsage(start);
  return ((user + system) / 1000) * (bytes / SAMPLE_BYTES);
}
