import assert from "node:assert/strict";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { Face } from "../../../agent/cli/face/face.ts";
import { logText } from "../../../agent/cli/verbs/probes/log/log-text.ts";
import { readLogLine } from "../../../agent/probes/log/entry.ts";
import { type LogWishes, logFilter } from "../../../agent/probes/log/filter.ts";
import { LogLines, readLog, readStream } from "../../../agent/probes/log/log-source.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { assertFitsSchema } from "../../support/cli-schema.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { eventually } from "../../support/waiting.ts";
import { fulltrace } from "../cli/command-line.ts";

const NOW_MS = Date.UTC(2026, 0, 2, 12);

function line(level: number, msg: string, more: object = {}, time = "2026-01-02T11:30:00.250Z"): string {
  return JSON.stringify({ level, time, pid: 7, hostname: "h", name: "fulltrace", ...more, msg });
}

const LOG = [
  line(30, "recorder docked", { bay: "3" }),
  line(40, "message refused", { code: "bad-entry", dev: "ab" }, "2026-01-02T09:00:00.000Z"),
  line(50, "camera does not open", {
    err: { type: "E", message: "camera-unavailable: x", code: "camera-unavailable", stack: "…" },
  }),
  "Segmentation fault",
];

describe("log tail", () => {
  it("shows what is wished for, and nothing else", () => {
    const events = (wishes: LogWishes) => {
      const isWanted = logFilter(wishes, NOW_MS);
      return LOG.map(readLogLine)
        .filter(isWanted)
        .map((one) => (one.kind === "entry" ? one.event : one.text));
    };
    assert.equal(events({}).length, 4);
    assert.deepEqual(events({ level: "warn" }), ["message refused", "camera does not open"]);
    assert.deepEqual(events({ field: "bay=3" }), ["recorder docked"]);
    assert.deepEqual(events({ field: "constructor=x" }), []);
    assert.deepEqual(events({ event: "unavailable" }), ["camera does not open"]);
    assert.deepEqual(events({ since: "1h" }), ["recorder docked", "camera does not open"]);
    assert.deepEqual(events({ since: "2026-01-02T08:00:00Z", level: "warn", event: "refused" }), [
      "message refused",
    ]);
    for (const wishes of [{ since: "yesterday" }, { since: "5" }, { field: "bay" }, { field: "=3" }])
      assert.throws(() => events(wishes), { code: "misuse" });
  });

  it("lets nothing of a log act on the terminal", () => {
    const face = new Face({ stdout: new PassThrough(), stderr: new PassThrough(), env: {} });
    const text = (raw: string) => logText(face, readLogLine(raw));
    assert.equal(text(LOG[0] as string), "2026-01-02 11:30:00.250Z INFO  recorder docked bay=3");
    assert.equal(
      text(LOG[2] as string),
      '2026-01-02 11:30:00.250Z ERROR camera does not open err="camera-unavailable: x"',
    );
    const evil = "\u001b[2J\u202e";
    const hostile = [
      line(30, evil, { [evil]: evil, deep: { a: [evil] } }),
      `not json ${evil}`,
      line(30, "", { err: { message: evil, cause: { message: evil } } }),
    ];
    for (const raw of hostile) assert.doesNotMatch(text(raw), /[\p{Cc}\u202e]/u);
    // the control: the bytes were there
    assert.match(JSON.parse(hostile[0] as string).msg, /\p{Cc}/u);
    assert.deepEqual(readLogLine('{"level":"high"}'), { kind: "other", text: '{"level":"high"}' });
  });

  it("cuts a line that has no end, and goes on with the next", () => {
    const lines: string[] = [];
    const cutter = new LogLines((text) => lines.push(text));
    const memory = Buffer.alloc(100_000, "x");
    for (let i = 0; i < 10; i++) cutter.push(memory);
    cutter.push(Buffer.from("\nnext\r\nla"));
    cutter.push(Buffer.from("st"));
    cutter.end();
    assert.deepEqual(
      lines.map(({ length }) => length),
      [256 * 1024, 4, 4],
    );
    assert.deepEqual(lines.slice(1), ["next", "last"]);
  });

  it("follows a log that grows, is moved away, and is cut", async (t) => {
    const path = join(temporaryDirectory(t), "log");
    writeFileSync(path, "1\n2\n");
    const seen: string[] = [];
    let caughtUpAt = -1;
    const following = new AbortController();
    const end = readLog(
      path,
      { onLine: (text) => seen.push(text), onCaughtUp: () => (caughtUpAt = seen.length) },
      { follow: true, clock: systemClock, signal: following.signal },
    );
    await eventually("caught up", () => caughtUpAt === 2);
    appendFileSync(path, "3\nhalf");
    await eventually("grown", () => seen.includes("3"));
    appendFileSync(path, " whole\n");
    await eventually("whole", () => seen.includes("half whole"));
    renameSync(path, `${path}.1`);
    writeFileSync(path, "a longer one\n");
    await eventually("moved", () => seen.includes("a longer one"));
    writeFileSync(path, "5\n");
    await eventually("cut", () => seen.includes("5"));
    following.abort();
    await end;
    assert.deepEqual(seen, ["1", "2", "3", "half whole", "a longer one", "5"]);
    await assert.rejects(
      readLog(
        "/nowhere",
        { onLine: () => {}, onCaughtUp: () => {} },
        { follow: false, clock: systemClock, signal: following.signal },
      ),
      { code: "file-unreadable" },
    );
  });

  it("reads what is piped in to its end", async () => {
    const stream = new PassThrough();
    const seen: string[] = [];
    const end = readStream(stream, (text) => seen.push(text), new AbortController().signal);
    stream.end("a\nb");
    await end;
    assert.deepEqual(seen, ["a", "b"]);
  });

  it("prints the last lines of a file, one object a line for machines", async (t) => {
    const path = join(temporaryDirectory(t), "log");
    writeFileSync(path, `${LOG.join("\n")}\n`);
    const { exit, stdout, stderr } = await fulltrace(["log", "tail", path, "--lines", "2", "--json"]);
    assert.equal(exit, 0, stderr);
    const lines = stdout
      .trim()
      .split("\n")
      .map((one) => JSON.parse(one));
    assert.deepEqual(
      lines.map(({ event, text }) => event ?? text),
      ["camera does not open", "Segmentation fault"],
    );
    for (const one of lines) assertFitsSchema("log tail", one);
  });
});
