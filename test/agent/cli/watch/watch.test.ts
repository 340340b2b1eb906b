import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, test } from "node:test";
import { Face } from "../../../../agent/cli/face/face.ts";
import { columns } from "../../../../agent/cli/face/width.ts";
import type { Lang } from "../../../../agent/cli/text/phrase.ts";
import { RateMeter } from "../../../../agent/cli/verbs/live/watch/backlog-rate.ts";
import { Screen } from "../../../../agent/cli/verbs/live/watch/screen.ts";
import { type Seen, view } from "../../../../agent/cli/verbs/live/watch/view.ts";
import type { AgentStatus } from "../../../../agent/control/protocol.ts";

const NOW_MS = Date.UTC(2026, 10, 26, 18, 0, 0);

function faceOf(lang: Lang): Face {
  return new Face({ stdout: new PassThrough(), stderr: new PassThrough(), env: {}, lang });
}

const base: AgentStatus = {
  role: "recorder",
  agent: "0.1.0",
  pid: 812,
  started_ms: NOW_MS - 3_600_000,
  dev: "0123456789abcdef0123456789abcdef",
  size: 4711,
  free_bytes: 12_884_901_888,
  alarms: [],
  counters: {},
};
const sync = (sentBytes: number, backlogBytes: number): NonNullable<AgentStatus["sync"]> => ({
  connected: true,
  receiver: "district.example/custody",
  backlog_entries: 12,
  backlog_bytes: backlogBytes,
  oldest_ms: 61_000,
  connections: 1,
  sent_bytes: sentBytes,
  resent_bytes: 0,
  policy: { network: "any", media: "all" },
});
const recorder: AgentStatus = {
  ...base,
  recording: {
    state: "recording",
    rec: "7b1c2d4e-0000-4000-8000-000000000000",
    media_ms: 61_500,
    chunks: 32,
    muted: true,
    pre_event_ms: 0,
    held_bytes: 0,
  },
  board: { connected: true, battery_pct: 12, charging: "no" },
  gnss: { fix: true, time: true },
  sync: sync(0, 10_000_000),
  alarms: [{ code: "camera-lost", detail: "摄像头".repeat(40), since_ms: NOW_MS }],
};
const dock: AgentStatus = {
  ...base,
  role: "dock",
  dock: { bays: 20, occupied: 2, ready: 1, kept: 1, faults: 0, importing: 1, waiting: 4, usb_restarts: 0 },
};
const bays: Seen["bays"] = [
  { bay: "1", state: "ready", since_ms: NOW_MS },
  { bay: "2", state: "fault", since_ms: NOW_MS, code: "recorder-silent", detail: "\u001b[2J" },
];

function seen(live: AgentStatus | null, more: Partial<Seen> = {}): Seen {
  return { live, seenMs: NOW_MS, bays: [], rate: null, lost: null, nowMs: NOW_MS, ...more };
}

describe("the view", () => {
  for (const lang of ["en", "zh"] as const) {
    test(`keeps to the terminal's size and sends it no commands, in ${lang}`, () => {
      for (const width of [20, 40, 80, 200]) {
        for (const one of [seen(recorder), seen(dock, { bays }), seen(null, { lost: "agent-not-running" })]) {
          const lines = view(faceOf(lang), one, width, 24);
          assert.ok(lines.length <= 24);
          for (const line of lines) {
            assert.ok(columns(line) <= width, `${columns(line)} of ${width}: ${line}`);
            assert.doesNotMatch(line, /[\p{Cc}]/u);
          }
        }
      }
    });
  }

  test("tells recording, backlog with rate and time left, battery, broker, receiver and alarms", () => {
    const rate = { bytesPerS: 430_080, leftMs: 23_000 };
    const text = view(faceOf("en"), seen(recorder, { rate }), 120, 40).join("\n");
    for (const told of [
      "2026-11-26 18:00:00Z",
      "7b1c2d4e",
      "muted",
      "1:01.5",
      "420.0 KiB/s, 0:23.0 left",
      "battery 12 %",
      "district.example/custody",
      "12.0 GiB",
      "camera-lost",
    ])
      assert.ok(text.includes(told), told);
  });

  test("tells a dock's bays, and that an agent has gone with what was seen last", () => {
    const text = view(faceOf("zh"), seen(dock, { bays, lost: "agent-not-running" }), 80, 40).join("\n");
    assert.match(text, /代理无应答：agent-not-running/);
    assert.match(text, /recorder-silent/);
  });

  test("alarms come first, one a line; faulty bays before the others, and what has no room is counted", () => {
    const alarms = ["disk-full", "camera-lost"].map((code) => ({ code, detail: "", since_ms: NOW_MS }));
    const lines = view(faceOf("en"), seen({ ...dock, alarms }, { bays }), 80, 40);
    assert.deepEqual(lines.slice(1, 3), ["ALARM disk-full", "ALARM camera-lost"]);
    const at = (text: string) => lines.findIndex((line) => line.includes(text));
    assert.ok(
      at("recorder-silent") < at("ready to") ||
        at("recorder-silent") < lines.findIndex((line) => /^1 /.test(line)),
    );
    const low = view(faceOf("en"), seen({ ...dock, alarms }, { bays }), 80, 6);
    assert.deepEqual(
      [low.length, low[1], /^… [0-9]+ more lines$/.test(low[4] ?? "")],
      [6, "ALARM disk-full", true],
    );
  });

  test("on a terminal with colours an alarm that is cut to the width ends its colour", () => {
    const stdout = Object.assign(new PassThrough(), { isTTY: true });
    const face = new Face({ stdout, stderr: new PassThrough(), env: {}, lang: "en" });
    const line = view(face, seen(recorder), 40, 24)[1] ?? "";
    const [before, text = "", end, ...more] = line.split(/(?<=\[31m)|(?=\p{Cc}\[0m$)/u);
    assert.deepEqual([before, end, more], ["\u001b[31m", "\u001b[0m", []]);
    assert.ok(text.startsWith("ALARM camera-lost") && text.endsWith("…") && columns(text) <= 40, text);
  });

  test("an agent that has gone leaves its last words with their age, and no rate of then", () => {
    const rate = { bytesPerS: 1_000, leftMs: 1_000 };
    const gone = { rate, lost: "agent-not-running", seenMs: NOW_MS - 61_000 };
    const text = view(faceOf("en"), seen(recorder, gone), 80, 40).join("\n");
    assert.match(text, /THE AGENT DOES NOT ANSWER: agent-not-running\nBelow is what it said 1:01\.0 ago\./);
    assert.doesNotMatch(text, /B\/s/);
    assert.match(view(faceOf("en"), seen(recorder, { rate }), 80, 40).join("\n"), /B\/s/);
  });

  test("bays that cannot be told are unknown, and the rest is told", () => {
    const text = view(faceOf("en"), seen(dock, { bays: "control-timeout" }), 80, 40).join("\n");
    assert.match(text, /The bays are unknown: control-timeout/);
    assert.match(text, /free space/);
  });

  for (const lang of ["en", "zh"] as const) {
    test(`a receiver's devices fit 80 columns, with refusals, breaches and forks, in ${lang}`, () => {
      const heard = [
        {
          dev: "0123456789abcdef0123456789abcdef",
          presence: "offline" as const,
          last_seen_ms: NOW_MS,
          size: 12_345_678,
          media_missing: 1_234,
          forks: 2,
          refusals: { fork: 41, "bad-entry": 2 },
          problems: ["a", "b", "c"],
        },
      ];
      const receiver = { linked: true, queued_bytes: 0, devices: 1, online: 0, heard };
      const lines = view(faceOf(lang), seen({ ...base, role: "receiver", receiver }), 80, 40);
      const line = lines.find((one) => one.startsWith("012345…cdef")) ?? "";
      assert.ok(columns(line) <= 80, line);
      assert.match(line, /12345678 +1234 +43 +3 +2$/);
      assert.ok(
        lines.every((one) => !one.includes("…") || one === line),
        "nothing is clipped",
      );
    });
  }

  test("always ends with how to leave, however low the terminal is", () => {
    for (const height of [1, 3, 10])
      assert.equal(view(faceOf("en"), seen(dock, { bays }), 80, height).at(-1), "q: leave");
  });
});

describe("the rate", () => {
  test("is that of the last 20 s, and the time left that of the backlog as it shrinks", () => {
    const meter = new RateMeter();
    assert.equal(meter.see(sync(0, 1_000_000), 0), null);
    assert.deepEqual(meter.see(sync(200_000, 900_000), 1_000), { bytesPerS: 200_000, leftMs: 9_000 });
    for (let s = 2; s <= 40; s++) meter.see(sync(200_000, 900_000), s * 1000);
    assert.deepEqual(meter.see(sync(200_000, 900_000), 41_000), { bytesPerS: 0, leftMs: null });
  });

  test("begins anew with the agent, and is not told of one that does not sync", () => {
    const meter = new RateMeter();
    meter.see(sync(5_000, 10), 0);
    assert.equal(meter.see(sync(0, 10), 1_000), null);
    assert.equal(meter.see(undefined, 2_000), null);
  });
});

describe("the screen", () => {
  test("writes only what changed, and gives back the screen that was there", () => {
    const written: string[] = [];
    const screen = new Screen({ write: (text) => written.push(text), columns: 80, rows: 24 });
    screen.enter();
    const lines = view(faceOf("en"), seen(recorder), screen.width, screen.height);
    screen.draw(lines);
    written.length = 0;
    screen.draw(lines);
    assert.equal(written.length, 0, "nothing changed");
    screen.draw(view(faceOf("en"), seen(recorder, { nowMs: NOW_MS + 1000 }), screen.width, screen.height));
    assert.equal(written.join("|"), "\u001b[1;1H\u001b[K2026-11-26 18:00:01Z");
    screen.clear();
    written.length = 0;
    screen.draw(lines);
    assert.ok(written.join("").length > 400, "all of it after a resize");
    screen.draw(lines.slice(0, 3));
    assert.ok(written.at(-1)?.includes("\u001b[4;1H\u001b[K"), "lines that are gone are cleared");
    screen.leave();
    assert.match(written.at(-1) ?? "", /1049l$/);
  });
});
