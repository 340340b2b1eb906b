import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { machineImage } from "../image/machine-image.ts";
import type { LabOptions } from "../options.ts";
import type { Steps } from "../steps.ts";
import type { LabRow } from "../table.ts";
import type { LabMeasurement, Question } from "../wire/messages.ts";
import { type Bench, layBench } from "./bench.ts";
import { GuestLink } from "./guest-link.ts";
import { FarEnd } from "./line-end.ts";
import { Machine } from "./machine.ts";
import { faultsOf } from "./test-verdict.ts";

const TESTS = "dist/test/lab";
const BOOT_TIMEOUT_MS = 240_000;
/** For each test of a file; the machine has a tenth of this one's speed. */
const TEST_TIMEOUT_MS = 240_000;

/** The files of `test/lab/` that were asked for, in a virtual machine of this computer's kind. */
export async function hardwareTests(root: string, options: LabOptions, steps: Steps): Promise<void> {
  const files = testFiles(root, options.only);
  if (files.length === 0) return;
  const image = await steps.step("image", async () => {
    const made = await machineImage(root, options.fresh);
    return { value: made, detail: made.built ? "built" : "from the cache" };
  });
  if (image === null) return;
  const bench = layBench();
  const link = new GuestLink(answer);
  let machine: Machine | null = null;
  let farEnd: FarEnd | null = null;
  try {
    const port = await link.listen();
    machine = await Machine.start(image, bench, root, port);
    farEnd = await FarEnd.connect(bench.lineSocket);
    const started = machine;
    const up = await steps.step("boot", async () => {
      const word = await Promise.race([link.up(), started.ended.then(died), tooLate(BOOT_TIMEOUT_MS)]);
      return { value: word, detail: `Linux ${word.kernel}, Node ${word.node}` };
    });
    if (up === null) return keepConsole(root, bench);
    const environment = { LAB_HARDWARE: JSON.stringify(bench.hardware), LAB_PORT: `${port}` };
    for (const file of files) await testStep(link, started, environment, file);
    await steps.step("power off", async () => {
      link.powerOff();
      if (!(await started.off())) throw new Error("it had to be killed");
      return { value: true, detail: "" };
    });
    if (!steps.allWell) keepConsole(root, bench);
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
        steps.add(judged(question.measurement));
    }
  }

  async function testStep(
    link: GuestLink,
    machine: Machine,
    env: Record<string, string>,
    file: string,
  ): Promise<void> {
    await steps.step(file.replace(/\.lab\.js$/, "").replaceAll("-", " "), async () => {
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
}

/** The compiled test files that were asked for, in the order of their names. */
function testFiles(root: string, only: readonly string[]): string[] {
  return readdirSync(join(root, TESTS), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".lab.js"))
    .filter((name) => only.length === 0 || only.some((part) => name.includes(part)))
    .sort();
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
function keepConsole(root: string, bench: Bench): void {
  const kept = join(root, "lab-console.log");
  copyFileSync(join(bench.folder, "console.log"), kept);
  console.error(`lab: the machine's console is in ${kept}`);
}
