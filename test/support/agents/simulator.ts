import { spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "../waiting.ts";

const MAIN = fileURLToPath(new URL("../../../agent/cli/main.js", import.meta.url));

/** One `fulltrace simulate …` as a process that ends with the test. */
export function simulate(t: TestContext, lang: "zh" | "en", ...args: string[]) {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [MAIN, "--lang", lang, "simulate", ...args], { env: { PATH } });
  const exited = once(child, "exit");
  let told = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
  }
  t.after(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const tells = async (words: string, timeoutMs = 10_000) => {
    // what it told is of use to whoever reads of the failure
    await eventually(words, () => told.includes(words), timeoutMs).catch((cause: unknown) => {
      throw new Error(`"${words}" is not in: ${told}`, { cause });
    });
  };
  return { child, exited, tells, type: (line: string) => child.stdin.write(`${line}\n`), told: () => told };
}
