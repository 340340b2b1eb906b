import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Bench } from "../bench-run.ts";
import { run, runModule } from "../measure/children.ts";
import type { Measurement } from "../measure/row.ts";
import { say } from "../measure/say.ts";
import { median } from "../measure/timing.ts";
import type { ImportRun, ImportUsage } from "./import-process.ts";
import {
  borg,
  copy,
  digest,
  isInstalled,
  measure,
  pipeline,
  restic,
  type Yardstick,
  type YardstickUsage,
} from "./yardsticks.ts";

const MIB = 2 ** 20;
/** 2 GiB, and files that are larger than memory is for an agent. */
const CARD = { files: 8, bytes: 256 * MIB };
const FULL_CARD = { files: 2, bytes: 4096 * MIB };
const BAYS = 20;
const ROUNDS = 3;
/** Until pages that were freed are back with the host, for everyone alike: what is written next must get them again. */
const REST_MS = 3_000;
const MEMORY_GOAL_MIB = 96;
const DELAY_GOAL_MS = 20;

/** Others that bring files into a store of theirs; those that are not installed are left out. */
const OTHERS: { name: string; needs: string[]; yardstick: Yardstick }[] = [
  { name: "tee | openssl dgst, signed, into sqlite3", needs: ["openssl", "sqlite3"], yardstick: pipeline },
  { name: "borg create, authenticated", needs: ["borg"], yardstick: borg },
  { name: "restic backup", needs: ["restic"], yardstick: restic },
];

/** Files of a card into the ledger, beside what a shell would do with them; incompressible, warm in the page cache. */
export async function benchImport({ workDir, full }: Bench): Promise<Measurement[]> {
  const place = new Place(join(workDir, "import"));
  const { files, bytes } = full ? FULL_CARD : CARD;
  const card = place.card("card", files, bytes);
  const others = OTHERS.filter(({ needs }) => needs.every(isInstalled));
  const ours: ImportUsage[] = [];
  const copies: YardstickUsage[] = [];
  const digests: YardstickUsage[] = [];
  const walls = new Map<string, number[]>(others.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    say(`import: round ${round + 1} of ${ROUNDS}`);
    ours.push(await place.import(card));
    copies.push(await place.measure(copy, card));
    digests.push(await place.measure(digest, card));
    for (const { name, yardstick } of others) {
      const { wallMs } = await place.measure(yardstick, card);
      walls.get(name)?.push(wallMs);
    }
  }
  place.remove(card);
  say(`import: ${BAYS} bays`);
  const bays = place.card("bays", BAYS, full ? 128 * MIB : 64 * MIB);
  const shared = await place.import(bays);
  place.remove(bays);
  const wall = (usages: readonly { wallMs: number }[]) => median(usages.map(({ wallMs }) => wallMs));
  const cpu = (usages: readonly { cpuMs: number }[]) => median(usages.map(({ cpuMs }) => cpuMs));
  const what = `import of ${files} × ${bytes / MIB} MiB`;
  const shellCpuMs = cpu(copies) + cpu(digests);
  const onceHashed = ours.map(({ cpuMs, secondHashCpuMs }) => ({ cpuMs: cpuMs - secondHashCpuMs }));
  const row = (
    name: string,
    unit: string,
    value: number,
    yardstick: number,
    atMost: number,
  ): Measurement => ({
    name,
    unit,
    value,
    yardstick,
    goal: { atMost },
  });
  return [
    row(`${what}: wall / cp + sync`, "ms", wall(ours), wall(copies), 1.05),
    row(`${what}: CPU less the second hash / cp + openssl dgst`, "ms", cpu(onceHashed), shellCpuMs, 1.35),
    row(`${what}: CPU with the whole file's digest / cp + openssl dgst`, "ms", cpu(ours), shellCpuMs, 1.9),
    ...others.map(({ name }) =>
      row(`${what}: wall / ${name}`, "ms", wall(ours), median(walls.get(name) ?? []), 0.7),
    ),
    row(
      `${what}: peak memory / ${MEMORY_GOAL_MIB} MiB`,
      "MiB",
      Math.max(...ours.map(({ peakMib }) => peakMib)),
      MEMORY_GOAL_MIB,
      1,
    ),
    row(
      `import in ${BAYS} bays: peak memory / ${MEMORY_GOAL_MIB} MiB`,
      "MiB",
      shared.peakMib,
      MEMORY_GOAL_MIB,
      1,
    ),
    row(
      `import in ${BAYS} bays: slowest bay / fastest`,
      "ms",
      Math.max(...shared.bayMs),
      Math.min(...shared.bayMs),
      1.5,
    ),
    row(
      `import in ${BAYS} bays: event-loop delay p99 / ${DELAY_GOAL_MS} ms`,
      "ms",
      shared.loopDelayP99Ms,
      DELAY_GOAL_MS,
      1,
    ),
  ];
}

interface Card {
  folder: string;
  files: string[];
}

/** Where the files and what becomes of them lie: each measurement finds the disk as the one before did. */
class Place {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  card(name: string, count: number, bytes: number): Card {
    const folder = join(this.#root, name);
    mkdirSync(folder, { recursive: true });
    const files = Array.from({ length: count }, (_, n) => join(folder, `${n}.mp4`));
    for (const file of files) {
      const fd = openSync(file, "w");
      for (let done = 0; done < bytes; done += MIB) writeSync(fd, randomBytes(MIB));
      fsyncSync(fd);
      closeSync(fd);
    }
    return { folder, files };
  }

  remove({ folder }: Card): void {
    rmSync(folder, { recursive: true });
  }

  async import({ files }: Card): Promise<ImportUsage> {
    return await this.#within(async (into) => {
      const order: ImportRun = { dataDir: join(into, "data"), files };
      const module = new URL("./import-process.js", import.meta.url);
      return JSON.parse(await runModule(module, [JSON.stringify(order)])) as ImportUsage;
    });
  }

  async measure(yardstick: Yardstick, { folder }: Card): Promise<YardstickUsage> {
    return await this.#within((into) => measure(yardstick, folder, into));
  }

  async #within<T>(work: (into: string) => Promise<T>): Promise<T> {
    const into = join(this.#root, "out");
    mkdirSync(into, { recursive: true });
    await run("sync", []);
    await delay(REST_MS);
    try {
      return await work(into);
    } finally {
      rmSync(into, { recursive: true, force: true });
    }
  }
}
