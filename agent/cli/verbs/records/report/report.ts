import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { writeDurably } from "../../../../../config/base/durable.ts";
import { AgentError } from "../../../../../config/base/errors.ts";
import type { OwnTemplates } from "../../../../../config/template-catalogue.ts";
import { ledgerDirectories, longestOfEach } from "../../../../records/ledger-directories.ts";
import { LocalCalendar, machineZone } from "../../../../records/reports/calendar.ts";
import { parsePeriod } from "../../../../records/reports/period.ts";
import { makeReport } from "../../../../records/reports/report.ts";
import type { Report } from "../../../../records/reports/report-types.ts";
import type { UnitTable } from "../../../../records/reports/units.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { reportWords } from "../../../text/records/report/words.ts";

export interface ReportOptions {
  period: string;
  data: string[];
  config?: string;
  unit?: string;
  officer?: string;
  kind?: string;
  zone?: string;
  format?: "table" | "csv" | "json" | "html";
  json?: boolean;
  bom?: boolean;
  out?: string;
  force?: boolean;
}

/** What the configuration says about the office. */
interface Office {
  dataDir: string | null;
  zone: string | null;
  units: readonly UnitTable[];
  names: Readonly<Record<string, string>>;
  templates: OwnTemplates;
}

/** Makes the report of a period in one of its forms, on stdout or as a file. */
export async function report(face: Face, options: ReportOptions): Promise<ExitCode> {
  const file = options.out === undefined ? null : resolve(options.out);
  if (file !== null && existsSync(file) && options.force !== true) throw new AgentError("file-exists", file);
  const period = parsePeriod(options.period);
  const office = await officeOf(face, options.config);
  const { unit, officer, kind } = options;
  if (unit !== undefined && !office.units.some(({ name }) => name === unit))
    throw new AgentError("unit-unknown", unit);
  const made = await makeReport({
    directories: await ledgersOf(face, directoriesOf(options.data, office)),
    period,
    calendar: new LocalCalendar(options.zone ?? office.zone ?? machineZone()),
    only: {
      ...(unit === undefined ? {} : { unit }),
      ...(officer === undefined ? {} : { officer }),
      ...(kind === undefined ? {} : { kind }),
    },
    units: office.units,
    names: office.names,
    templates: office.templates,
  });
  const text = await render(face, made, options);
  if (file === null) {
    face.print(text);
  } else {
    writeDurably(file, `${text}\n`);
    face.tell(face.say(reportWords.saved, { file }));
  }
  return 0;
}

async function render(face: Face, made: Report, { format, json, bom }: ReportOptions): Promise<string> {
  switch (json === true ? "json" : (format ?? "table")) {
    case "json":
      return JSON.stringify(made, null, 2);
    case "csv":
      return (await import("./csv.ts")).csv(made, face.lang, bom === true);
    case "html":
      return (await import("./page/page.ts")).page(made, face.lang);
    case "table":
      return (await import("./terminal.ts")).terminal(face, made).join("\n");
  }
}

async function officeOf(face: Face, config: string | undefined): Promise<Office> {
  if (config === undefined)
    return { dataDir: null, zone: null, units: [], names: {}, templates: { replaces: [] } };
  const { loadConfig } = await import("../../../../../config/load.ts");
  const loaded = loadConfig(config);
  face.speak(loaded.lang);
  const own = "report" in loaded ? loaded.report : undefined;
  return {
    dataDir: loaded.dataDir,
    zone: own?.timeZone ?? null,
    units: own?.unit ?? [],
    names: Object.fromEntries((own?.officer ?? []).map(({ id, name }) => [id, name])),
    templates: "records" in loaded ? loaded.records : { replaces: [] },
  };
}

/** Ledgers to count, each once; what is left out for that is said on stderr. */
async function ledgersOf(face: Face, named: readonly string[]): Promise<string[]> {
  const all = ledgerDirectories(named);
  // a receiver's directory alone has one of each
  if (named.length < 2) return all;
  const { kept, twins } = await longestOfEach(all);
  face.tell(...twins.map(({ directory, of }) => face.say(reportWords.twin, { directory, of })));
  return kept;
}

function directoriesOf(data: readonly string[], office: Office): string[] {
  if (data.length > 0) return [...new Set(data.map((directory) => resolve(directory)))];
  if (office.dataDir !== null) return [office.dataDir];
  throw new AgentError("misuse", "--data DIR or --config FILE", { next: "fulltrace report … --data DIR" });
}
