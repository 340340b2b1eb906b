import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import type { EvidenceStore } from "../../../../crypto/ledger/writer/evidence-store.ts";
import { assertFitsSchema } from "../../../support/cli-schema.ts";
import { recordInto, TestDevice } from "../../../support/evidence.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace, MAIN } from "../command-line.ts";

const WAIT_MS = 60_000;

/** A process that follows the ledger, and its lines as they come. */
function following(t: TestContext, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, "ledger", "tail", "-f", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 3 * WAIT_MS,
  });
  t.after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { done, value } = await lines.next();
    assert.ok(done !== true, "it ended");
    return value;
  };
  const entries = async (count: number) => {
    const told: { seq: number; type: string }[] = [];
    while (told.length < count) told.push(JSON.parse(await line()));
    assertFitsSchema("ledger tail", told.at(-1));
    return told.map(({ seq }) => seq);
  };
  return { child, lines, line, entries, ended: ended(child) };
}

async function ended(child: ChildProcess) {
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const [exit, signal] = await once(child, "close");
  return { exit, signal, stderr };
}

/** So many more entries; answers the size of the ledger. */
function mark(evidence: EvidenceStore, rec: string, count: number): number {
  let size = 0;
  for (let i = 0; i < count; i++)
    size = evidence.append({ type: "recording.marker", rec, at_us: i, label: "x" }).seq + 1;
  return size;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test("each entry is told once and in order while the writer appends, until Ctrl-C", async (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const rec = recordInto(evidence, device.clock, 2, false);
  const before = mark(evidence, rec, 3);
  const {
    child,
    lines,
    entries,
    ended: end,
  } = following(t, "--json", "--limit", "2", "--data", device.dataDir);
  assert.deepEqual(await entries(2), range(before - 2, before), "the last ones first");
  const one = mark(evidence, rec, 1);
  assert.deepEqual(await entries(1), [before]);
  // more than it reads at once
  const many = mark(evidence, rec, 300);
  assert.deepEqual(await entries(300), range(one, many));
  child.kill("SIGINT");
  assert.deepEqual(await end, { exit: 0, signal: null, stderr: "" });
  assert.equal((await lines.next()).done, true, "and nothing else");
});

test("a reader that has enough ends it at the next entry", async (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const rec = recordInto(evidence, device.clock, 2, false);
  const { child, line, ended: end } = following(t, "--limit", "1", "--data", device.dataDir);
  assert.match(await line(), /recording\.chunk/);
  child.stdout?.destroy();
  mark(evidence, rec, 1);
  assert.deepEqual(await end, { exit: 0, signal: null, stderr: "" });
});

test("where there is no ledger, there is nothing to follow", async (t) => {
  const { exit, stderr } = await fulltrace(["ledger", "tail", "-f", "--data", temporaryDirectory(t)]);
  assert.equal(exit, 2);
  assert.match(stderr, /ledger-missing/);
});
