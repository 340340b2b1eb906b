import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../config/base/clock.ts";
import { machineImage } from "./image/machine-image.ts";
import { type Bench, layBench } from "./machine/bench.ts";
import { GuestLink } from "./machine/guest-link.ts";
import { FarEnd } from "./machine/line-end.ts";
import { Machine } from "./machine/machine.ts";
import { faultsOf } from "./machine/test-verdict.ts";
import { labOptions } from "./options.ts";
import { type LabRow, labTable } from "./table.ts";
import type { LabMeasurement, Question } from "./wire/messages.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const TESTS = "dist/test/lab";
const BOOT_TIMEOUT_MS = 240_000;
/** For each test of a file; the machine has a tenth of this one's speed. */
const TEST_TIMEOUT_MS = 240_000;

const options = labOptions(process.argv.slice(2));
const rows: LabRow[] = [];
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const image = await step("image", async () => {
  const made = await machineImage(ROOT, options.fresh);
  return { value: made, detail: made.built ? "built" : "from the cache" };
});
if (image !== null) await inMachine(layBench());

console.log(options.json ? JSON.stringify(rows, null, 2) : labTable(rows));
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;

/** Boots, runs every test file, and leaves nothing running. */
async function inMachine(bench: Bench): Promise<void> {
  if (image === null) return;
  const link = new GuestLink(answer);
  let machine: Machine | null = null;
  let farEnd: FarEnd | null = null;
  try {
    const port = await link.listen();
    machine = await Machine.start(image, bench, ROOT, port);
    farEnd = await FarEnd.connect(bench.lineSocket);
    const started = machine;
    const up = await step("boot", async () => {
      const word = await Promise.race([link.up(), started.ended.then(died), tooLate(BOOT_TIMEOUT_MS)]);
      return { value: word, detail: `Linux ${word.kernel}, Node ${word.node}` };
    });
    if (up === null) return keepConsole(bench);
    const environment = { LAB_HARDWARE: JSON.stringify(bench.hardware), LAB_PORT: `${port}` };
    for (const file of testFiles()) await testStep(link, started, environment, file);
    await step("power off", async () => {
      link.powerOff();
      if (!(await started.off())) throw new Error("it had to be killed");
      return { value: true, detail: "" };
    });
    if (rows.some(({ ok }) => !ok)) keepConsole(bench);
  } finally {
    link.close();
    farEnd?.close();
    machine?.kill();
  }

  async function answer(question: Question): Promise<void> {
    switch (question.kind) {
      case "plug":
        return await machine?.plug(question.device);
      case "unplug":
        return await machine?.unplug(question.device);
      case "line":
        return farEnd?.become(question.does);
      case "press":
        return farEnd?.press();
      case "measured":
        rows.push(judged(question.measurement));
    }
  }
}

async function testStep(
  link: GuestLink,
  machine: Machine,
  env: Record<string, string>,
  file: string,
): Promise<void> {
  await step(file.replace(/\.lab\.js$/, "").replaceAll("-", " "), async () => {
    const printed: string[] = [];
    const running = link.run(join(TESTS, file), TEST_TIMEOUT_MS, env, (text) => {
      if (options.verbose) process.stderr.write(text);
      else printed.push(text);
    });
    const end = await Promise.race([running, machine.ended.then(died)]);
    const faults = faultsOf(end);
    if (faults.length > 0) {
      process.stderr.write(printed.join(""));
      throw new Error(faults.join("; "));
    }
    return { value: true, detail: `${end.tally?.ran ?? 0} tests` };
  });
}

/** The compiled test files of the lab that were asked for, in the order of their names. */
function testFiles(): string[] {
  return readdirSync(join(ROOT, TESTS), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".lab.js"))
    .filter((name) => options.only.length === 0 || options.only.some((part) => name.includes(part)))
    .sort();
}

/** Does one step and enters its row; null: it failed. */
async function step<Value>(
  name: string,
  work: () => Promise<{ value: Value; detail: string }>,
): Promise<Value | null> {
  console.error(`lab: ${name}`);
  const startUs = systemClock.monoUs();
  const seconds = () => (systemClock.monoUs() - startUs) / 1e6;
  try {
    const { value, detail } = await work();
    rows.push({ step: name, ok: true, seconds: seconds(), detail });
    return value;
  } catch (error) {
    rows.push({ step: name, ok: false, seconds: seconds(), detail: (error as Error).message });
    return null;
  }
}

function judged({ name, value, unit, yardstick, atLeast, seconds }: LabMeasurement): LabRow {
  const ratio = value / yardstick;
  const detail = `${value.toFixed(2)} ${unit}, ${ratio.toFixed(2)} × ${yardstick.toFixed(2)} (goal ≥ ${atLeast})`;
  return { step: name, ok: ratio >= atLeast, seconds, detail };
}

async function tooLate(ms: number): Promise<never> {
  // without a hold on the process
  await delay(ms, undefined, { ref: false });
  throw new Error(`not within ${ms / 1000} s`);
}

function died(): never {
  throw new Error("QEMU has ended");
}

/** The machine's console of a run that failed stays for whoever looks for the reason. */
function keepConsole(bench: Bench): void {
  const kept = join(ROOT, "lab-console.log");
  copyFileSync(join(bench.folder, "console.log"), kept);
  console.error(`lab: the machine's console is in ${kept}`);
}
