import type { VerifyReport } from "../../../../crypto/ledger/verify/report.ts";
import type { Problem, Verdict } from "../../../../crypto/proof/verdict.ts";
import type { Colour, Face } from "../../face/face.ts";
import { pairs } from "../../face/table.ts";
import { bytesText, momentText } from "../../face/units.ts";
import { harmless } from "../../face/width.ts";
import { problemTexts, reportWords, verdictTexts } from "../../text/evidence/problems.ts";

/** Findings shown of one kind; `--json` has more. */
const SHOWN_OF_A_KIND = 10;

const colours: Readonly<Record<Verdict, Colour>> = {
  authentic: "green",
  "authentic-unwitnessed-tail": "green",
  incomplete: "yellow",
  altered: "red",
  unreadable: "red",
};

/** The report for people: verdict, who vouches for what, what could not be known, and each problem's meaning. */
export function reportLines(face: Face, report: VerifyReport): string[] {
  const { verdict, coverage } = report;
  return [
    face.paint(colours[verdict], face.paint("bold", verdict)),
    face.say(verdictTexts[verdict], { size: coverage.size }),
    "",
    ...pairs(facts(face, report)),
    "",
    face.say(reportWords.unknowable),
    ...unknowable(face, report).map((line) => `- ${line}`),
    ...problemLines(face, report),
  ];
}

function facts(face: Face, { dev, size, coverage, notes }: VerifyReport): [string, string][] {
  const { device_key: key, media, recordings, unclean_boots: unclean, utc_ms: clocks } = notes;
  const rows: [string, string][] = [];
  if (dev !== null) rows.push([face.say(reportWords.device), dev]);
  if (key !== null) {
    rows.push([
      face.say(reportWords.key),
      face.say(notes.device_trusted ? reportWords.keyTrusted : reportWords.keyUntrusted, { key }),
    ]);
  }
  rows.push(
    [face.say(reportWords.complete), coverageText(face, coverage)],
    [face.say(reportWords.entries), String(size)],
  );
  if (clocks !== null) {
    const between = { first: momentText(clocks.first), last: momentText(clocks.last) };
    rows.push([face.say(reportWords.clocks), face.say(reportWords.clocksText, between)]);
  }
  rows.push([face.say(reportWords.signatures), signaturesText(face, notes)]);
  for (const vouching of notes.receivers) {
    rows.push([face.say(reportWords.receipts), face.say(reportWords.receiptsText, { ...vouching })]);
  }
  rows.push(
    [face.say(reportWords.recordings), String(recordings.count)],
    [
      face.say(reportWords.media),
      face.say(reportWords.mediaText, { ...media, bytes: bytesText(media.bytes) }),
    ],
  );
  if (unclean.count > 0) {
    const seqs = unclean.listed.slice(0, SHOWN_OF_A_KIND).map(({ seq }) => seq);
    const told = { count: unclean.count, seqs: seqs.join(", ") + (unclean.count > seqs.length ? " …" : "") };
    rows.push([face.say(reportWords.uncleanBoots), face.say(reportWords.uncleanBootsText, told)]);
  }
  const strangers = [...notes.strangers.witnesses, ...notes.strangers.custody];
  if (strangers.length > 0) rows.push([face.say(reportWords.strangers), strangers.join(", ")]);
  const unknown = Object.entries(notes.unknown_types).map(([type, count]) => `${type} ×${count}`);
  if (unknown.length > 0) rows.push([face.say(reportWords.unknownTypes), unknown.join(", ")]);
  return rows;
}

function coverageText(face: Face, { size, time_ms, witnesses }: VerifyReport["coverage"]): string {
  if (time_ms === null) return face.say(reportWords.completeNone);
  return face.say(reportWords.completeText, {
    size,
    time: momentText(time_ms),
    witnesses: witnesses.join(", "),
  });
}

function signaturesText(face: Face, { signatures, trusted_receipt }: VerifyReport["notes"]): string {
  if (trusted_receipt === null) return face.say(reportWords.signaturesText, { ...signatures });
  const { receiver, size } = trusted_receipt;
  return face.say(reportWords.signaturesSkipped, { ...signatures, receiver, size });
}

function unknowable(face: Face, { latest_unknown, size, coverage }: VerifyReport): string[] {
  return [
    ...(latest_unknown ? [face.say(reportWords.latestUnknown)] : []),
    ...(coverage.size < size ? [face.say(reportWords.tailUnknown, { size: coverage.size })] : []),
    face.say(reportWords.clocksUnknown),
    face.say(reportWords.lensUnknown),
  ];
}

/** Problems by kind, each kind with its meaning. */
function problemLines(face: Face, { problems, notes }: VerifyReport): string[] {
  if (problems.length === 0) return [];
  const lines = ["", face.say(reportWords.problems)];
  for (const code of new Set(problems.map((problem) => problem.code))) {
    const found = problems.filter((problem) => problem.code === code);
    lines.push(`${face.paint("red", code)} (${found.length}): ${face.say(problemTexts[code])}`);
    for (const problem of found.slice(0, SHOWN_OF_A_KIND)) lines.push(`  ${problemText(face, problem)}`);
    const more = found.length - SHOWN_OF_A_KIND;
    if (more > 0) lines.push(`  ${face.say(reportWords.problemsMore, { count: more })}`);
  }
  if (notes.problems_left_out > 0) {
    lines.push(face.say(reportWords.problemsMore, { count: notes.problems_left_out }));
  }
  return lines;
}

function problemText(face: Face, { seq, detail }: Problem): string {
  const place = seq === undefined ? face.say(reportWords.whole) : face.say(reportWords.seq, { seq });
  return `${place}: ${harmless(detail)}`;
}
