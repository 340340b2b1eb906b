import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { it } from "node:test";
import { Face } from "../../../../agent/cli/face/face.ts";
import { columns } from "../../../../agent/cli/face/width.ts";
import { csv } from "../../../../agent/cli/verbs/records/report/csv.ts";
import { terminal } from "../../../../agent/cli/verbs/records/report/terminal.ts";
import { assertFitsSchema } from "../../../support/cli-schema.ts";
import { writeEvidence } from "../../../support/ledger/evidence.ts";
import { DEVICE } from "../../../support/ledger/ledger-maker.ts";
import { officeOfOneWeek, reportOf } from "../../../support/reports/office.ts";
import { FORMULA, workingWeek } from "../../../support/reports/working-week.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace } from "../command-line.ts";

const LANGS = ["en", "zh"] as const;

it("an office's report over its receiver's directory, with its units, names and zone", async (t) => {
  const { dataDir } = officeOfOneWeek(t);
  const config = join(dataDir, "receiver.toml");
  writeFileSync(
    config,
    `role = "receiver"
data_dir = "."
[receiver]
name = "district.example"
[sync]
url = "mqtt://127.0.0.1:1883"
[report]
time_zone = "Asia/Shanghai"
unit = [{ name = "一中队", devices = ["${DEVICE.publicKey.deviceId}"], officers = ["110042"] }]
officer = [{ id = "110051", name = "王" }]
`,
  );
  const asked = ["report", "--period", "2026-11-23..2026-11-24", "--config", config];
  const { stdout, stderr } = await fulltrace([...asked, "--json"]);
  assert.notEqual(stdout, "", stderr);
  const printed = JSON.parse(stdout);
  assertFitsSchema("report", printed);
  assert.deepEqual(
    [printed.total.recorded_ms, printed.time_zone, printed.ledgers.length],
    [110_000, "Asia/Shanghai", 2],
  );
  assert.equal(printed.officers.find(({ id }: { id: string }) => id === "110051").name, "王");

  const file = join(dataDir, "week.csv");
  assert.equal((await fulltrace([...asked, "--format", "csv", "--bom", "--out", file])).exit, 0);
  const [bom] = readFileSync(file, "utf8");
  assert.equal(bom, "\ufeff");
  const again = await fulltrace([...asked, "--format", "csv", "--out", file]);
  assert.deepEqual([again.exit, /file-exists/.test(again.stderr)], [2, true]);
});

it("a unit, a period, a zone or a ledger that is not there is a mistake, told with its code", async (t) => {
  const { dataDir } = officeOfOneWeek(t);
  const of = async (...args: string[]) => {
    const { exit, stderr } = await fulltrace(["report", ...args]);
    return `${exit} ${/fulltrace: ([a-z-]+):/.exec(stderr)?.[1]}`;
  };
  const found = await Promise.all([
    of("--period", "2026-10", "--data", dataDir, "--unit", "三中队"),
    of("--period", "2026-44", "--data", dataDir),
    of("--period", "2026-10", "--data", dataDir, "--zone", "Mars/Olympus"),
    of("--period", "2026-10", "--data", join(dataDir, "devices")),
    of("--period", "2026-10"),
  ]);
  assert.deepEqual(found, ["2 unit-unknown", "2 bad-period", "2 bad-zone", "2 ledger-missing", "2 misuse"]);
});

it("a ledger that is at hand twice is counted once, the longer of them, and the other is named", async (t) => {
  const [replica, copy] = [temporaryDirectory(t), temporaryDirectory(t)];
  const { maker } = workingWeek();
  writeEvidence(replica, maker.evidence());
  maker.add({ type: "activity.open", activity: randomUUID(), kind: "k", title: "t", officers: [] });
  writeEvidence(copy, maker.evidence());
  const ledgersOf = async (...args: string[]) => {
    const { stdout, stderr } = await fulltrace(["report", "--period", "2026-10", "--json", ...args]);
    const { ledgers, total } = JSON.parse(stdout) as { ledgers: { size: number }[]; total: object };
    return { sizes: ledgers.map(({ size }) => size), total, stderr };
  };
  const alone = await ledgersOf("--data", copy);
  const both = await ledgersOf("--data", replica, "--data", copy);
  assert.deepEqual([both.sizes, both.total], [alone.sizes, alone.total]);
  assert.equal(both.stderr.trim(), `not counted: ${replica}, the same ledger as ${copy}`);
});

it("the table fits a terminal of 80 columns in both languages, whatever names there are", async (t) => {
  const { dataDir } = officeOfOneWeek(t);
  const made = await reportOf(dataDir, {
    names: { "110051": "很长的姓名".repeat(9), "110042": "\u001b[31m红" },
  });
  for (const lang of LANGS) {
    const face = new Face({ stdout: new PassThrough(), stderr: new PassThrough(), env: {}, lang });
    const lines = terminal(face, made);
    assert.ok(lines.length > 30);
    for (const line of lines) assert.ok(columns(line) <= 80, line);
    assert.doesNotMatch(lines.join("\n"), /(?<!\\u)\{[a-z0-9]+\}/);
    assert.ok(!lines.join("\n").includes("\u001b"));
  }
});

it("the CSV is RFC 4180, and no cell of it is a formula", async (t) => {
  const { dataDir } = officeOfOneWeek(t);
  const made = await reportOf(dataDir, { names: { "110042": "＝1+1", "110051": '\t@x, "y"\r\nz' } });
  for (const lang of LANGS) {
    const rows = parsed(csv(made, lang, false));
    assert.deepEqual([...new Set(rows.map((row) => row.length))], [rows[0]?.length]);
    // total, before, 2 units, 3 officers, 4 kinds, 2 days below the headings
    assert.equal(rows.length, 14);
    for (const cell of rows.flat()) assert.doesNotMatch(cell, /^\s*[=+\-@＝＋－＠]/u);
    const cells = new Set(rows.flat());
    for (const name of [`'${FORMULA}`, "'＝1+1", '\'\t@x, "y"\r\nz']) assert.ok(cells.has(name), name);
    const [heads = [], total = []] = rows;
    const hours = { en: "recorded hours", zh: "录制时长（小时）" }[lang];
    assert.equal(total[heads.indexOf(hours)], (110 / 3600).toFixed(4));
  }
});

/** RFC 4180 §2, by its grammar alone. */
function parsed(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/y;
  for (;;) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    assert.ok(match !== null, `no cell at ${at}: ${text.slice(at, at + 40)}`);
    rows.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") return rows;
    if (match[3] === "\r\n") rows.push([]);
  }
}
