import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { ledgerDirectories } from "../../../agent/records/ledger-directories.ts";
import { LocalCalendar } from "../../../agent/records/reports/calendar.ts";
import { parsePeriod } from "../../../agent/records/reports/period.ts";
import { makeReport, type ReportOptions } from "../../../agent/records/reports/report.ts";
import { LedgerStore } from "../../../crypto/ledger/db/store.ts";
import { writeEvidence } from "../ledger/evidence.ts";
import { DEVICE, LedgerMaker } from "../ledger/ledger-maker.ts";
import { temporaryDirectory } from "../surroundings.ts";
import { MARKUP, workingWeek } from "./working-week.ts";

/** A receiver's directory with the ledger of `workingWeek` and one in which nothing happened. */
export function officeOfOneWeek(t: TestContext) {
  const dataDir = temporaryDirectory(t);
  const week = workingWeek();
  for (const [name, maker] of [
    ["busy", week.maker],
    ["idle", new LedgerMaker()],
  ] as const) {
    const directory = join(dataDir, "devices", name);
    mkdirSync(directory, { recursive: true });
    writeEvidence(directory, maker.evidence());
    LedgerStore.open(directory).close();
  }
  return { dataDir, ...week };
}

export const UNITS = [
  { name: "一中队", devices: [DEVICE.publicKey.deviceId], officers: ["110042"] },
  { name: "二中队", devices: [], officers: ["110051", MARKUP] },
];

/** The report of its Monday and Tuesday. */
export function reportOf(dataDir: string, changes: Partial<ReportOptions> = {}) {
  return makeReport({
    directories: ledgerDirectories([dataDir]),
    period: parsePeriod("2026-11-23..2026-11-24"),
    calendar: new LocalCalendar("Asia/Shanghai"),
    only: {},
    units: UNITS,
    names: { "110051": "王 & Söhne" },
    templates: { replaces: [] },
    ...changes,
  });
}
