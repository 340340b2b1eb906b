import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assemble } from "../../package/assemble.ts";
import { ownTarget } from "../../package/target.ts";
import type { Bench } from "../bench-run.ts";
import type { Measurement } from "../measure/row.ts";
import { median, timedMs } from "../measure/timing.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const RUNS = 25;

/** How long each of the package's programs takes until its code is loaded and it refuses to run, beside an empty Node. */
export async function benchStartup({ workDir }: Bench): Promise<Measurement[]> {
  const folder = join(workDir, "package");
  await assemble(ROOT, folder, ownTarget());
  const programOf = (name: string) => join(folder, "programs", `${name}.cjs`);
  run(0, programOf("warm"));
  return ["recorder", "dock", "receiver"].map((role) => {
    const times: { empty: number[]; loaded: number[] } = { empty: [], loaded: [] };
    for (let i = 0; i < RUNS; i++) {
      times.empty.push(timedMs(() => run(0, process.execPath, "-e", "0")));
      times.loaded.push(timedMs(() => run(2, programOf(role))));
    }
    return {
      name: `cold start of the packaged ${role} / node -e 0`,
      value: median(times.loaded),
      unit: "ms",
      yardstick: median(times.empty),
      goal: { atMost: 2 },
    };
  });
}

function run(expected: 0 | 2, program: string, ...args: string[]): void {
  const { status } = spawnSync(program, args, { stdio: "ignore" });
  if (status !== expected) throw new Error(`${program} ended with ${status}`);
}
