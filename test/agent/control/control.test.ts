import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { callAgent } from "../../../agent/control/client.ts";
import type { ControlHandlers } from "../../../agent/control/protocol.ts";
import { ControlServer, type ControlServerOptions } from "../../../agent/control/server.ts";
import { Counters } from "../../../config/base/counters.ts";
import { AgentError } from "../../../config/base/errors.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

const TIMEOUT = { timeoutMs: 30_000 };
const REC = "11111111-2222-4333-8444-555555555555";

const handlers: ControlHandlers = {
  "record.start": async ({ trigger }) => ({ rec: trigger === "control" ? REC : trigger }),
  "record.mark": async () => {
    throw new AgentError("not-recording", "idle", { next: "start one" });
  },
  "record.mute": async () => {
    throw new TypeError("a fault of ours with a secret in it");
  },
  "sync.flush": (_params, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
};

async function agent(t: TestContext, dataDir: string, limits: Partial<ControlServerOptions> = {}) {
  const counters = new Counters();
  const log = createLogger("silent", "test");
  const server = await ControlServer.listen({ dataDir, handlers, log, counters, ...limits });
  let isOpen = true;
  const stop = async () => {
    if (isOpen) await server.close();
    isOpen = false;
  };
  t.after(stop);
  return { counters, stop };
}

/** A client that says what it likes. */
async function stranger(t: TestContext, dataDir: string): Promise<Socket> {
  const socket = createConnection({ path: join(dataDir, "control.sock") });
  t.after(() => socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

async function lineFrom(
  socket: Socket,
): Promise<{ id: unknown; result?: unknown; error?: { code: string } }> {
  const [chunk] = (await once(socket, "data", { signal: AbortSignal.timeout(30_000) })) as [Buffer];
  return JSON.parse(chunk.toString().split("\n")[0] as string);
}

const code = (expected: string) => (error: unknown) => error instanceof AgentError && error.code === expected;

describe("asking a running agent", () => {
  test("gives its answer", async (t) => {
    const dataDir = temporaryDirectory(t);
    await agent(t, dataDir);
    assert.deepEqual(await callAgent(dataDir, "record.start", {}, TIMEOUT), { rec: REC });
    assert.deepEqual(await callAgent(dataDir, "record.start", { trigger: "按钮" }, TIMEOUT), { rec: "按钮" });
  });

  test("gives its refusal with code, place and next step", async (t) => {
    const dataDir = temporaryDirectory(t);
    const { counters } = await agent(t, dataDir);
    await assert.rejects(callAgent(dataDir, "record.mark", { label: "x" }, TIMEOUT), {
      code: "not-recording",
      place: "idle",
      next: "start one",
    });
    assert.equal(counters.get("control-not-recording"), 1);
  });

  test("keeps the inside of an unexpected failure to itself", async (t) => {
    const dataDir = temporaryDirectory(t);
    await agent(t, dataDir);
    await assert.rejects(callAgent(dataDir, "record.mute", { muted: true }, TIMEOUT), (error: Error) => {
      assert.ok(code("unexpected")(error));
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });

  test("is refused for params out of bounds, unknown methods and those of another role", async (t) => {
    const dataDir = temporaryDirectory(t);
    await agent(t, dataDir);
    await assert.rejects(
      callAgent(dataDir, "record.mark", { label: "x".repeat(300) }, TIMEOUT),
      code("bad-params"),
    );
    await assert.rejects(callAgent(dataDir, "toString" as "status", {}, TIMEOUT), code("unknown-method"));
    await assert.rejects(callAgent(dataDir, "status", {}, TIMEOUT), code("not-in-this-role"));
  });

  test("ends when no answer comes in time", async (t) => {
    const dataDir = temporaryDirectory(t);
    await agent(t, dataDir);
    await assert.rejects(callAgent(dataDir, "sync.flush", {}, { timeoutMs: 50 }), code("agent-silent"));
  });

  test("tells that none runs", async (t) => {
    const dataDir = temporaryDirectory(t);
    await assert.rejects(callAgent(dataDir, "status", {}, TIMEOUT), code("agent-not-running"));
    await assert.rejects(callAgent(join(dataDir, "none"), "status", {}, TIMEOUT), code("agent-not-running"));
  });
});

describe("the socket file", () => {
  test("is open to owner and group alone, and goes with the agent", async (t) => {
    const dataDir = temporaryDirectory(t);
    const { stop } = await agent(t, dataDir);
    assert.equal(statSync(join(dataDir, "control.sock")).mode & 0o777, 0o660);
    await stop();
    assert.equal(existsSync(join(dataDir, "control.sock")), false);
  });

  test("of a killed agent is replaced", async (t) => {
    const dataDir = temporaryDirectory(t);
    const path = JSON.stringify(join(dataDir, "control.sock"));
    spawnSync(process.execPath, [
      "-e",
      `require("node:net").createServer().listen(${path}, () => process.kill(process.pid, "SIGKILL"))`,
    ]);
    assert.ok(existsSync(join(dataDir, "control.sock")), "the killed one leaves its socket");
    await assert.rejects(callAgent(dataDir, "status", {}, TIMEOUT), code("agent-not-running"));
    await agent(t, dataDir);
    assert.deepEqual(await callAgent(dataDir, "record.start", {}, TIMEOUT), { rec: REC });
  });

  test("of a living agent is left to it", async (t) => {
    const dataDir = temporaryDirectory(t);
    await agent(t, dataDir);
    await assert.rejects(agent(t, dataDir), code("already-running"));
    assert.deepEqual(await callAgent(dataDir, "record.start", {}, TIMEOUT), { rec: REC });
  });

  test("may lie deeper than a socket's name can be long", async (t) => {
    const dataDir = join(temporaryDirectory(t), "deep".repeat(20), "er".repeat(40));
    mkdirSync(dataDir, { recursive: true });
    const { stop } = await agent(t, dataDir);
    assert.deepEqual(await callAgent(dataDir, "record.start", {}, TIMEOUT), { rec: REC });
    assert.equal(statSync(join(dataDir, "control.sock")).mode & 0o777, 0o660);
    await stop();
    assert.equal(existsSync(join(dataDir, "control.sock")), false);
  });
});

describe("hostile clients", () => {
  test("an endless line is cut off", async (t) => {
    const dataDir = temporaryDirectory(t);
    const { counters } = await agent(t, dataDir);
    const socket = await stranger(t, dataDir);
    socket.write("x".repeat(70_000));
    assert.equal((await lineFrom(socket)).error?.code, "line-too-long");
    await once(socket, "close", { signal: AbortSignal.timeout(30_000) });
    assert.equal(counters.get("control-line-too-long"), 1);
    assert.deepEqual(await callAgent(dataDir, "record.start", {}, TIMEOUT), { rec: REC }, "others go on");
  });

  for (const garbage of ["{", "null", "[]", '"x"', "\u0000\u0001", "{}"]) {
    test(`${JSON.stringify(garbage)} gets a coded answer`, async (t) => {
      const dataDir = temporaryDirectory(t);
      await agent(t, dataDir);
      const socket = await stranger(t, dataDir);
      socket.write(`${garbage}\n`);
      const answer = await lineFrom(socket);
      assert.equal(answer.id, null);
      assert.match(answer.error?.code ?? "", /^(bad-request|unknown-method)$/);
    });
  }

  test("too many connections are closed at once, and room comes back", async (t) => {
    const dataDir = temporaryDirectory(t);
    const { counters } = await agent(t, dataDir, { maxConnections: 2 });
    const first = await stranger(t, dataDir);
    await stranger(t, dataDir);
    const third = await stranger(t, dataDir);
    if (!third.closed) await once(third.resume(), "close", { signal: AbortSignal.timeout(30_000) });
    assert.equal(counters.get("control-too-many-connections"), 1);
    first.end();
    await once(first.resume(), "close", { signal: AbortSignal.timeout(30_000) });
    assert.deepEqual(await callAgent(dataDir, "record.start", {}, TIMEOUT), { rec: REC });
  });

  test("a flood of requests behind a slow one is refused", async (t) => {
    const dataDir = temporaryDirectory(t);
    await agent(t, dataDir);
    const socket = await stranger(t, dataDir);
    socket.write('{"id":1,"method":"sync.flush"}\n'.repeat(50));
    assert.equal((await lineFrom(socket)).error?.code, "too-many-requests");
  });

  test("one that says nothing is hung up on", async (t) => {
    const dataDir = temporaryDirectory(t);
    await agent(t, dataDir, { idleMs: 30 });
    assert.equal((await lineFrom(await stranger(t, dataDir))).error?.code, "idle");
  });

  test("a request that takes too long is aborted", async (t) => {
    const dataDir = temporaryDirectory(t);
    await agent(t, dataDir, { requestMs: 30 });
    await assert.rejects(callAgent(dataDir, "sync.flush", {}, TIMEOUT), code("timed-out"));
  });
});

test("requests on one connection are answered in order, also after the client closed its half", async (t) => {
  const dataDir = temporaryDirectory(t);
  await agent(t, dataDir);
  const socket = await stranger(t, dataDir);
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString();
  });
  const request = (id: string) => JSON.stringify({ id, method: "record.start", params: { trigger: id } });
  socket.end(`${request("a")}\n${request("b")}\n`);
  await once(socket, "close", { signal: AbortSignal.timeout(30_000) });
  assert.deepEqual(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
    [
      { id: "a", result: { rec: "a" } },
      { id: "b", result: { rec: "b" } },
    ],
  );
});
