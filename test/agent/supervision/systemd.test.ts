import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, test } from "node:test";
import { UNSUPERVISED } from "../../../agent/supervision/supervisor.ts";
import { notifyAt, Systemd, supervisorOf } from "../../../agent/supervision/systemd.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { AgentProcess, runCommand } from "../../../scripts/demo/agent-process.ts";
import { recorderConfig } from "../../support/recorder-config.ts";
import { ServiceManager } from "../../support/service/service-manager.ts";
import { ManualClock, temporaryDirectory } from "../../support/surroundings.ts";
import { eventually } from "../../support/waiting.ts";

const log = createLogger("silent", "test");
const WATCHDOG_MS = 30_000;
/** What a microtask or two need. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A program watched by systemd, and what it has told. */
function watched() {
  const told: string[] = [];
  const clock = new ManualClock();
  const ending = new AbortController();
  const notify = async (...assignments: string[]) => void told.push(...assignments);
  const systemd = new Systemd({ notify, clock, log, watchdogMs: WATCHDOG_MS });
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settled();
  };
  return { systemd, told, clock, ending, pass };
}

describe("systemd's watchdog", () => {
  it("is told three times within its time, as long as the work is answered for", async () => {
    const { systemd, told, ending, pass } = watched();
    const telling = systemd.keepTold(async () => {}, ending.signal);
    for (let i = 0; i < 6; i++) await pass(WATCHDOG_MS / 3);
    assert.deepEqual(told, Array(6).fill("WATCHDOG=1"));
    ending.abort();
    await telling;
  });

  it("is not told while the writer does not answer, and is again when it does", async () => {
    const { systemd, told, ending, pass } = watched();
    let answer = (): void => {};
    const answers = () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      });
    const telling = systemd.keepTold(answers, ending.signal);
    for (let i = 0; i < 9; i++) await pass(WATCHDOG_MS / 3);
    assert.deepEqual(told, []);
    answer();
    await settled();
    assert.deepEqual(told, ["WATCHDOG=1"]);
    ending.abort();
    await telling;
  });

  it("is not told of a writer that has died", async () => {
    const { systemd, told, ending, pass } = watched();
    const telling = systemd.keepTold(() => Promise.reject(new Error("dead")), ending.signal);
    for (let i = 0; i < 9; i++) await pass(WATCHDOG_MS / 3);
    assert.deepEqual(told, []);
    ending.abort();
    await telling;
  });

  it("that cannot be told ends nothing", async () => {
    const clock = new ManualClock();
    const ending = new AbortController();
    let tries = 0;
    const notify = () => {
      tries++;
      return Promise.reject(new Error("no manager"));
    };
    const systemd = new Systemd({ notify, clock, log, watchdogMs: WATCHDOG_MS });
    systemd.ready();
    const telling = systemd.keepTold(async () => {}, ending.signal);
    for (let i = 0; i < 3; i++) {
      clock.advance(WATCHDOG_MS / 3);
      await settled();
    }
    assert.equal(tries, 4);
    ending.abort();
    await telling;
  });
});

describe("the environment of a service", () => {
  const supervisor = (env: NodeJS.ProcessEnv) => supervisorOf(env, { clock: systemClock, log });

  it("without a socket means that nobody supervises", () => {
    assert.equal(supervisor({ WATCHDOG_USEC: "1000000" }), UNSUPERVISED);
  });

  it("is taken from it, so that no child inherits it", () => {
    const env = {
      NOTIFY_SOCKET: "/run/n",
      WATCHDOG_USEC: "1000000",
      WATCHDOG_PID: `${process.pid}`,
      PATH: "/bin",
    };
    assert.ok(supervisor(env) instanceof Systemd);
    assert.deepEqual(env, { PATH: "/bin" });
  });

  for (const [what, variables] of Object.entries({
    "no time": {},
    "a time of zero": { WATCHDOG_USEC: "0" },
    "no number": { WATCHDOG_USEC: "soon" },
    "another process": { WATCHDOG_USEC: "1000000", WATCHDOG_PID: "1" },
  })) {
    it(`with ${what} has no watchdog to be told`, async () => {
      const found = supervisor({ NOTIFY_SOCKET: "/run/nobody", ...variables });
      let asked = 0;
      await found.keepTold(async () => void asked++, AbortSignal.timeout(5));
      assert.equal(asked, 0);
    });
  }
});

test("systemd-notify that reaches nobody is told by its code", async (t) => {
  await assert.rejects(notifyAt(join(temporaryDirectory(t), "nobody"))("READY=1"), {
    code: "systemd-silent",
  });
});

test("a recorder tells its manager when it is ready, that it lives, and that it stops; its children tell nothing", async (t) => {
  const manager = await ServiceManager.start(t);
  const dataDir = join(temporaryDirectory(t), "data");
  const environment = [`NOTIFY_SOCKET=${manager.socket}`, "WATCHDOG_USEC=600000"];
  const recorder = new AgentProcess(recorderConfig(t, dataDir), dataDir, join(temporaryDirectory(t), "log"), [
    "env",
    ...environment,
    ...runCommand(),
  ]);
  t.after(() => recorder.abandon());
  await recorder.start();
  await eventually("three signs of life", () => manager.told.length >= 4);
  assert.deepEqual(manager.told.slice(0, 4), ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]);
  await recorder.waitFor(({ recording }) => recording?.state === "pre-event", 60_000);
  const cameras = processesOf(recorder.pid).filter(({ name }) => name === "ffmpeg");
  assert.equal(cameras.length, 1);
  assert.ok(cameras.every(({ environment }) => !/NOTIFY_SOCKET|WATCHDOG/.test(environment)));
  await recorder.stop();
  await eventually("the end", () => manager.told.includes("STOPPING=1"));
});

/** The children of a process. */
function processesOf(parent: number): { name: string; environment: string }[] {
  const of = (pid: string, file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8");
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [, name = "", ppid] = /\((.*)\) \S (\d+)/s.exec(of(pid, "stat")) ?? [];
        return Number(ppid) === parent ? [{ name, environment: of(pid, "environ") }] : [];
      } catch {
        // it has ended meanwhile
        return [];
      }
    });
}
