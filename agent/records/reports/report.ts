import type { OwnTemplates } from "../../../config/template-catalogue.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type { TimeSpan } from "../../../crypto/ledger/db/tables/report/report-index.ts";
import { visitLedger } from "../../../crypto/ledger/visit.ts";
import type { DrawSum } from "../inspections/draw-sums.ts";
import type { LocalCalendar } from "./calendar.ts";
import { type Beforehand, countLedger } from "./count-ledger.ts";
import type { OpenActivities } from "./open-activities.ts";
import { lengthOf, type Period, previousOf, slotsOf, spanOf, stepOf } from "./period.ts";
import type { LedgerState, Report, Slice } from "./report-types.ts";
import { type Only, Slices } from "./slices.ts";
import type { ActivityState } from "./tally.ts";
import { Units, type UnitTable } from "./units.ts";

export interface ReportOptions {
  /** Directories of ledgers. */
  directories: readonly string[];
  period: Period;
  calendar: LocalCalendar;
  only: Only;
  units: readonly UnitTable[];
  /** Of officers by id; ids stand alone without them. */
  names: Readonly<Record<string, string>>;
  templates: OwnTemplates;
}

/** Counts what the ledgers say about a period, and about the one before it. Throws what `visitLedger` throws. */
export async function makeReport(options: ReportOptions): Promise<Report> {
  const { directories, period, calendar, only, names } = options;
  const previous = previousOf(period);
  const step = stepOf(period);
  const units = new Units(options.units);
  const now = new Slices(spanOf(period, calendar), slotsOf(period, step, calendar), only);
  const before = new Slices(spanOf(previous, calendar), slotsOf(previous, "month", calendar), only);
  const judge = new LazyJudge(options.templates);
  const ledgers: LedgerState[] = [];
  for (const directory of directories) {
    ledgers.push(
      await visitLedger(directory, async (reader) => {
        const known = {
          open: await judge.judge(reader, directory, [now.span, before.span]),
          draws: await drawsOf(reader),
        };
        // one state of the ledger for all its figures
        return reader.atOnce(() => {
          countLedger(reader, now, units, known);
          countLedger(reader, before, units, known);
          return stateOf(reader, units);
        });
      }),
    );
  }
  const { slots, officers, ...counted } = now.result();
  return {
    period: { ...period, days: lengthOf(period) },
    previous,
    time_zone: calendar.zone,
    only,
    ...counted,
    total_before: before.result().total,
    officers: officers.map((slice) => named(slice, names)),
    over_time: { step, slots },
    delays: now.total.delays,
    ledgers,
  };
}

/** Loads the judge of open activities, with its templates, only where there are any. */
class LazyJudge {
  readonly #templates: OwnTemplates;
  #judge: OpenActivities | null = null;

  constructor(templates: OwnTemplates) {
    this.#templates = templates;
  }

  async judge(
    reader: LedgerReader,
    directory: string,
    spans: readonly TimeSpan[],
  ): Promise<Beforehand["open"]> {
    const open = spans.flatMap((span) => reader.reports.openTemplated(span));
    const states = new Map<string, ActivityState>();
    for (const activity of open) {
      this.#judge ??= new (await import("./open-activities.ts")).OpenActivities(this.#templates);
      states.set(activity, await this.#judge.judge(reader, directory, activity));
    }
    return states;
  }
}

/** Loads the reader of inspections only where there are any. */
async function drawsOf(reader: LedgerReader): Promise<DrawSum[]> {
  if (reader.inspections.seqs().length === 0) return [];
  return (await import("../inspections/draw-sums.ts")).sumDraws(reader);
}

function stateOf(reader: LedgerReader, units: Units): LedgerState {
  const { dev } = reader;
  const size = reader.size();
  const cosignedSize = reader.reports.cosignedSize();
  const unit = units.ofDevice(dev);
  return {
    dev,
    size,
    root: reader.root(size).toString("hex"),
    ...(cosignedSize === null ? {} : { cosigned_size: cosignedSize }),
    last_utc_ms: (reader.body(size - 1).t as { utc_ms: number }).utc_ms,
    ...(unit === null ? {} : { unit }),
  };
}

function named(slice: Slice, names: Readonly<Record<string, string>>): Slice {
  const name = slice.id !== undefined && Object.hasOwn(names, slice.id) ? names[slice.id] : undefined;
  return name === undefined ? slice : { ...slice, name };
}
