import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { it } from "node:test";
import { cpuMs, memoryMib } from "../../../scripts/bench/measure/process-usage.ts";

const BUSY_500_MS = "const end = Date.now() + 500; while (Date.now() < end);";

it("counts the CPU time of this process, and not that of its children", () => {
  const before = cpuMs(process.pid);
  spawnSync(process.execPath, ["--eval", BUSY_500_MS]);
  const afterChild = cpuMs(process.pid);
  assert.ok(afterChild - before < 200, `${afterChild - before} ms for a child`);

  const start = process.cpuUsage();
  for (let i = 0; i < 200; i++)
    createHash("sha512")
      .update(Buffer.alloc(2 ** 20))
      .digest();
  const { user, system } = process.cpuUsage(start);
  const usedMs = (user + system) / 1000;
  const countedMs = cpuMs(process.pid) - afterChild;
  assert.ok(usedMs > 100 && Math.abs(countedMs - usedMs) <= 30, `${countedMs} ms counted, ${usedMs} ms used`);
});

it("sees memory come and remembers its peak", () => {
  const before = memoryMib(process.pid);
  let block: Buffer | null = Buffer.alloc(64 * 2 ** 20, 1);
  const held = memoryMib(process.pid);
  assert.ok(held.now - before.now > 60, `${held.now - before.now} MiB for ${block.length} bytes`);
  block = null;
  assert.ok(memoryMib(process.pid).peak >= held.now);
});
