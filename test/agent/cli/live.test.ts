import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { type TestContext, test } from "node:test";
import type { AgentStatus, ControlHandlers } from "../../../agent/control/protocol.ts";
import { ControlServer } from "../../../agent/control/server.ts";
import { Counters } from "../../../config/base/counters.ts";
import { AgentError } from "../../../config/base/errors.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { assertFitsSchema } from "../../support/cli-schema.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace, MAIN } from "./command-line.ts";

const REC = "11111111-2222-4333-8444-555555555555";
const DIGEST = "ab".repeat(32);
const ACTIVITY = "99999999-2222-4333-8444-555555555555";

const status: AgentStatus = {
  role: "recorder",
  agent: "0.1.0",
  pid: 7,
  started_ms: Date.UTC(2026, 0, 2, 3, 4, 5),
  dev: "0123456789abcdef0123456789abcdef",
  size: 42,
  free_bytes: 3 * 2 ** 30,
  recording: { state: "recording", rec: REC, muted: true, pre_event_ms: 0, held_bytes: 0 },
  board: { connected: true, battery_pct: 76, battery_mv: 3890, charging: "yes" },
  gnss: { fix: false, time: false },
  sync: {
    connected: false,
    fault: { code: "broker-refused", place: "mqtt://office\u001b[2J: reason 5" },
    backlog_entries: 3,
    backlog_bytes: 2 ** 20,
    oldest_ms: 61_500,
    connections: 1,
    sent_bytes: 0,
    resent_bytes: 0,
    policy: { network: "any", media: "all" as const },
  },
  alarms: [{ code: "camera-lost", detail: "/dev/video0\u001b[2J", since_ms: 1 }],
  counters: {},
};

/** An agent that answers everything and keeps what it was asked. */
async function agent(t: TestContext, own = status): Promise<{ data: string[]; asked: unknown[] }> {
  const dataDir = temporaryDirectory(t);
  const asked: unknown[] = [];
  const answer =
    <Result>(result: Result) =>
    async (params: unknown) => {
      asked.push(params);
      return result;
    };
  const handlers: ControlHandlers = {
    status: answer(own),
    "record.start": answer({ rec: REC }),
    "record.stop": async () => {
      throw new AgentError("not-recording", "idle");
    },
    "record.mark": answer({ rec: REC, at_us: 61_500_000 }),
    "record.photo": answer({ digest: DIGEST, bytes: 204_800, rec: REC, at_us: 61_500_000 }),
    "record.mute": async ({ muted }) => ({ muted }),
    "activity.open": answer({ activity: ACTIVITY }),
    "activity.note": answer({ seq: 5 }),
    "activity.link": async ({ stage, ...own }) => {
      asked.push({ stage, ...own });
      if (stage !== "investigation") throw new AgentError("stage-unknown", `${stage}`);
      return { seq: 7 };
    },
    "activity.close": answer({ seq: 6 }),
    "sync.queue": answer({
      policy: {
        network: "any",
        media: "all" as const,
        held: "hours" as const,
        daily_bytes: 2048,
        sent_today: 1024,
      },
      queue: [
        { rec: REC, files: 3, bytes: 2048, first: true, held: "hours" as const },
        { files: 1, bytes: 10, first: false, eta_ms: 61_500 },
      ],
      more: true,
    }),
    "sync.now": answer({ until_ms: 1_767_323_045_000 }),
    "sync.pause": answer({ until_ms: 1_767_323_045_000 }),
    "sync.resume": answer({ resumed: true as const }),
    "sync.first": answer({ rec: REC }),
    "sync.flush": answer({ receipted: false }),
  };
  const log = createLogger("silent", "test");
  const server = await ControlServer.listen({ dataDir, handlers, log, counters: new Counters() });
  t.after(() => server.close());
  return { data: ["--data", dataDir], asked };
}

test("status is a table for people and an object for machines", async (t) => {
  const { data } = await agent(t);
  const forMachines = await fulltrace(["status", ...data, "--json"]);
  assert.equal(forMachines.exit, 0);
  assert.deepEqual(JSON.parse(forMachines.stdout), { running: true, ...status });

  const { exit, stdout } = await fulltrace(["status", ...data]);
  assert.equal(exit, 0);
  assert.match(stdout, /running +yes, process 7, since 2026-01-02 03:04:05Z/);
  assert.match(stdout, /not yet sent +3 entries, 1\.00 MiB of media, oldest 1:01\.5/);
  assert.match(stdout, new RegExp(`recording +recording, ${REC}, muted`));
  assert.match(stdout, /control board +connected, battery 76 %, charging\n/);
  assert.match(stdout, /GNSS +no fix\n/);
  assert.match(
    stdout,
    /broker +not connected: broker-refused \(mqtt:\/\/office\\u\{1b\}\[2J: reason 5\)\n/,
    "and why",
  );
  assert.match(stdout, /camera-lost \(\/dev\/video0\\u\{1b\}\[2J\)/, "no command reaches the terminal");
});

test("what waits is told in order, and the upload takes orders", async (t) => {
  const { data, asked } = await agent(t);
  const orders = [["queue"], ["now", "--minutes", "5"], ["pause"], ["resume"], ["first", REC]];
  for (const [verb = "", ...args] of orders) {
    const { exit, stdout, stderr } = await fulltrace(["sync", verb, ...args, ...data, "--json"]);
    assert.equal(exit, 0, stderr);
    assertFitsSchema(`sync ${verb}`, JSON.parse(stdout));
  }
  assert.deepEqual(asked, [{ limit: 50 }, { minutes: 5 }, { minutes: 60 }, {}, { rec: REC }]);
  const { stdout } = await fulltrace(["sync", "queue", ...data, "--lang", "zh"]);
  assert.match(stdout, /不在上传时段/);
  assert.match(stdout, new RegExp(`${REC.slice(0, 8)} +3 +2\\.00 KiB +– +优先, 不在上传时段`));
});

test("a receiver's status tells its devices", async (t) => {
  const { recording: _, sync: __, ...common } = status;
  const dev = "0123456789abcdef0123456789abcdef";
  const heard = [
    {
      dev,
      presence: "online" as const,
      last_seen_ms: 1_767_323_045_000,
      size: 4711,
      refusals: { "bad-hash": 2 },
      problems: [],
    },
  ];
  const receiver = { linked: true, queued_bytes: 0, devices: 40, online: 3, heard };
  const { data } = await agent(t, { ...common, role: "receiver", alarms: [], receiver });
  const { exit, stdout } = await fulltrace(["status", ...data, "--lang", "zh"]);
  assert.equal(exit, 0);
  assert.match(stdout, /消息代理 +已连接\n设备 +在线 3，准入 40\n/);
  assert.match(stdout, /告警 +无\n/);
  assert.match(stdout, /012345…cdef +online +01-02 03:04 +4711 +2 +0 +0\n/);
});

test("a recording is started for a stage of its activity, and runs on where nobody knows that stage", async (t) => {
  const { data, asked } = await agent(t);
  const start = async (...args: string[]) => await fulltrace(["record", "start", ...args, ...data]);
  const linked = (stage: string) => ({ activity: ACTIVITY, rec: REC, stage, basis: "stated" });
  const started = await start("--activity", ACTIVITY, "--stage", "investigation");
  assert.deepEqual([started.exit, started.stdout], [0, `recording ${REC}\n`]);
  assert.deepEqual(asked.splice(0), [{ trigger: "control", activity: ACTIVITY }, linked("investigation")]);

  const unknown = await start("--activity", ACTIVITY, "--stage", "dinner");
  assert.deepEqual([unknown.exit, unknown.stdout], [2, `recording ${REC}\n`]);
  assert.match(unknown.stderr, /stage-unknown: dinner/);
  assert.deepEqual(asked.splice(0), [{ trigger: "control", activity: ACTIVITY }, linked("dinner")]);

  const aimless = await start("--stage", "investigation");
  assert.deepEqual([aimless.exit, asked], [2, []]);
});

test("recording is controlled, and refusals are told with what to do", async (t) => {
  const { data, asked } = await agent(t);
  const started = await fulltrace(["record", "start", ...data, "--trigger", "button", "--wearer", "警号7"]);
  assert.deepEqual([started.exit, started.stdout], [0, `recording ${REC}\n`]);
  assert.deepEqual(asked.pop(), { trigger: "button", wearer: "警号7" });

  const marked = await fulltrace(["record", "mark", "打人", ...data]);
  assert.match(marked.stdout, /marked at 1:01\.5/);
  assert.deepEqual(asked.pop(), { label: "打人" });

  const photo = await fulltrace(["record", "photo", "--by", "7", ...data]);
  assert.deepEqual([photo.exit, photo.stdout], [0, `photo ${DIGEST}, 200.0 KiB\n`]);
  assert.deepEqual(asked.pop(), { by: "7" });

  assert.match((await fulltrace(["record", "mute", ...data])).stdout, /sound is muted/);
  assert.deepEqual(JSON.parse((await fulltrace(["record", "unmute", ...data, "--json"])).stdout), {
    muted: false,
  });

  const refused = await fulltrace(["record", "stop", ...data]);
  assert.equal(refused.exit, 1);
  assert.match(refused.stderr, /not-recording: idle\n.*\n {2}Next: start one: fulltrace record start/);
});

test("activities are opened, noted and closed", async (t) => {
  const { data, asked } = await agent(t);
  const about = [
    "--kind",
    "patrol",
    "--title",
    "夜间巡逻",
    "--officer",
    "7",
    "--officer",
    "8",
    "--case-no",
    "A1",
  ];
  const opened = await fulltrace(["activity", "open", ...about, ...data, "--json"]);
  assert.deepEqual(JSON.parse(opened.stdout), { activity: ACTIVITY });
  assert.deepEqual(asked.pop(), { kind: "patrol", title: "夜间巡逻", officers: ["7", "8"], case_no: "A1" });
  assert.equal((await fulltrace(["activity", "note", ACTIVITY, "说明", ...data])).exit, 0);
  assert.equal((await fulltrace(["activity", "close", ACTIVITY, "done", ...data])).exit, 0);
  assert.deepEqual(asked, [
    { activity: ACTIVITY, text: "说明" },
    { activity: ACTIVITY, outcome: "done" },
  ]);
  const wrong = await fulltrace(["activity", "note", "x".repeat(36), "y", ...data]);
  assert.equal(wrong.exit, 2);
  assert.match(wrong.stderr, /bad-params: activity\.note: activity: a lower-case UUID/);
});

test("a flush that did not finish answers no", async (t) => {
  const { data, asked } = await agent(t);
  const { exit, stdout } = await fulltrace(["sync", "flush", "--timeout-s", "5", ...data]);
  assert.deepEqual([exit, stdout], [1, "not everything is receipted yet\n"]);
  assert.deepEqual(asked, [{ timeout_ms: 5000 }]);
});

test("a reader that stops reading is no failure", async (t) => {
  const { data } = await agent(t);
  const child = spawn(process.execPath, [MAIN, "status", ...data], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const exit = await new Promise((resolve) => child.on("close", resolve));
  assert.deepEqual([exit, stderr], [0, ""]);
});
