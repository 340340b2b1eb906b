import type { ActivityAccount, LedgersAccount } from "../../../../records/gaps/account-of.ts";
import { type Cause, GAP_STATES, type GapFlag } from "../../../../records/gaps/gap-types.ts";
import type { Face } from "../../../face/face.ts";
import { left, pairs, right, table } from "../../../face/table.ts";
import { durationText, momentText } from "../../../face/units.ts";
import {
  causeWords,
  flagWords,
  reasonWords,
  gapWords as say,
  stateWords,
} from "../../../text/records/gap.ts";
import { STATE_COLOURS, timelineBar } from "./timeline-bar.ts";

export type Shown = { wearer: string; account: LedgersAccount } | { account: ActivityAccount };

const DAY_MS = 86_400_000;

type Account = Shown["account"];

/** The account for people: what it is of, a bar, totals, then every stretch with its cause. */
export function accountLines(face: Face, shown: Shown): string[] {
  const { account } = shown;
  const flags = account.flags.map((flag) => face.paint("yellow", flagText(face, flag)));
  return [
    ...head(face, shown),
    "",
    ...timelineBar(face, account),
    "",
    ...totals(face, account),
    "",
    ...stretches(face, account),
    "",
    ...flags,
    verdict(face, account),
    ...(account.imports.length === 0 ? [] : [face.say(say.imports, { count: account.imports.length })]),
  ];
}

/** Only a span of which every stretch is known, and in which no entry contradicts another, has a cause throughout. */
function verdict(face: Face, { totals: { unknown }, flags }: Account): string {
  if (unknown > 0) return face.paint("yellow", face.say(say.withoutCause, { length: durationText(unknown) }));
  return face.say(flags.length === 0 ? say.whole : say.flagged);
}

function head(face: Face, shown: Shown): string[] {
  const { fromMs, toMs, devices, leftOut } = shown.account;
  const about: [string, string] =
    "wearer" in shown
      ? [face.say(say.wearer), shown.wearer]
      : [face.say(say.activity), `${shown.account.activity.slice(0, 8)} ${shown.account.title}`];
  const ledgers =
    devices.length === 0
      ? face.say(say.noDevices, { leftOut })
      : leftOut === 0
        ? devices.map(short).join(", ")
        : face.say(say.leftOut, { devices: devices.map(short).join(", "), leftOut });
  return [
    ...pairs([
      about,
      [face.say(say.span), `${momentText(fromMs)} .. ${momentText(toMs)}`],
      [face.say(say.devices), ledgers],
    ]),
    ...("isOpen" in shown.account && shown.account.isOpen ? [face.say(say.still)] : []),
  ];
}

function totals(face: Face, { totals: ms, fromMs, toMs }: Account): string[] {
  const spanMs = toMs - fromMs;
  const rows = GAP_STATES.filter((state) => ms[state] > 0).map((state) => [
    face.say(stateWords[state]),
    durationText(ms[state]),
    shareText(ms[state], spanMs),
  ]);
  return table(
    [left(face.say(say.state)), right(face.say(say.length)), right(face.say(say.share))],
    [...rows, [face.say(say.total), durationText(spanMs), shareText(spanMs, spanMs)]],
  );
}

/** Never rounded to all or nothing. */
function shareText(ms: number, spanMs: number): string {
  const percent = (ms / spanMs) * 100;
  if (percent > 0 && percent < 0.1) return "<0.1 %";
  return percent > 99.9 && percent < 100 ? ">99.9 %" : `${percent.toFixed(1)} %`;
}

function stretches(face: Face, { intervals, devices, fromMs: spanMs, toMs: endMs }: Account): string[] {
  // the day stands above, unless there are several
  const timeText = (ms: number) => momentText(ms).slice(endMs - spanMs > DAY_MS ? 5 : 11, 19);
  const lines = table(
    [
      left(face.say(say.from)),
      right(face.say(say.length)),
      left(face.say(say.state)),
      left(face.say(say.because)),
    ],
    intervals.map(({ fromMs, toMs, state, cause }) => [
      timeText(fromMs),
      durationText(toMs - fromMs),
      face.say(stateWords[state]),
      causeText(face, cause, devices.length > 1),
    ]),
  );
  return lines.map((line, at) => {
    const interval = intervals[at - 1];
    const colour = interval === undefined ? "bold" : STATE_COLOURS[interval.state];
    return colour === null ? line : face.paint(colour, line);
  });
}

function causeText(face: Face, { code, dev, seq, rec, reason }: Cause, withDevice: boolean): string {
  const known = reason === undefined ? undefined : reasonWords[reason];
  const text = face.say(causeWords[code], {
    rec: short(rec ?? ""),
    reason: known === undefined ? (reason ?? "") : face.say(known),
  });
  if (seq === undefined) return text;
  return withDevice && dev !== undefined
    ? face.say(say.entryOf, { text, seq, dev: short(dev) })
    : face.say(say.entry, { text, seq });
}

function flagText(face: Face, flag: GapFlag): string {
  return face.say(flagWords[flag.code], {
    dev: short(flag.dev),
    ...("rec" in flag ? { rec: short(flag.rec) } : { seq: flag.seq }),
    ...("ms" in flag ? { length: durationText(flag.ms) } : {}),
  });
}

/** Enough of an id to tell it from the others. */
function short(id: string): string {
  return id.slice(0, 8);
}
