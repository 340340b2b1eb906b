import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../bench-run.ts";
import { run, runModule } from "../measure/children.ts";
import type { Measurement } from "../measure/row.ts";
import { say } from "../measure/say.ts";
import { elapsedMs, median } from "../measure/timing.ts";

const MIB = 2 ** 20;
const ROUNDS = 5;
const MEMORY_GOAL_MIB = 96;

/** An image onto a new file and read back, beside what a shell would do; incompressible, warm in the page cache. */
export async function benchFlash({ workDir, full }: Bench): Promise<Measurement[]> {
  const folder = join(workDir, "flash");
  mkdirSync(folder);
  const image = join(folder, "a.img");
  const mib = full ? 4096 : 1024;
  makeImage(image, mib);
  const card = join(folder, "card.img");
  const walls = { ours: [] as number[], cached: [] as number[], direct: [] as number[] };
  let peakMib = 0;
  const timed = async (work: () => Promise<unknown>) => {
    rmSync(card, { force: true });
    await run("sync", ["-f", folder]);
    return await elapsedMs(work);
  };
  const shell = (compare: string) => () =>
    run("sh", [
      "-ec",
      `dd if=${image} of=${card} bs=4M conv=fsync status=none; ${compare}; openssl dgst -sha256 ${image}`,
    ]);
  for (let round = 0; round < ROUNDS; round++) {
    say(`flash: round ${round + 1} of ${ROUNDS}`);
    walls.ours.push(
      await timed(async () => {
        const told = await runModule(new URL("./flash-process.js", import.meta.url), [image, card]);
        peakMib = Math.max(peakMib, Number(told));
      }),
    );
    walls.cached.push(await timed(shell(`cmp ${image} ${card}`)));
    walls.direct.push(await timed(shell(`dd if=${card} bs=4M iflag=direct status=none | cmp - ${image}`)));
  }
  rmSync(folder, { recursive: true });
  const what = `flash write of ${mib} MiB`;
  const ms = { unit: "ms", value: median(walls.ours), goal: { atMost: 1.15 } };
  return [
    { ...ms, name: `${what}: wall / dd conv=fsync + cmp + openssl dgst`, yardstick: median(walls.cached) },
    {
      ...ms,
      name: `${what}: wall / the same, compared past the page cache`,
      yardstick: median(walls.direct),
    },
    {
      name: `${what}: peak memory / ${MEMORY_GOAL_MIB} MiB`,
      unit: "MiB",
      value: peakMib,
      yardstick: MEMORY_GOAL_MIB,
      goal: { atMost: 1 },
    },
  ];
}

function makeImage(path: string, mib: number): void {
  const fd = openSync(path, "w");
  for (let n = 0; n < mib; n++) writeSync(fd, randomBytes(MIB));
  fsyncSync(fd);
  closeSync(fd);
}
