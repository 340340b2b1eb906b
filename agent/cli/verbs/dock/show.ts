import { callAgent } from "../../../control/client.ts";
import type { BayAccount, CardFileStatus } from "../../../control/methods/dock-methods.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { type Column, left, pairs, right, table } from "../../face/table.ts";
import { bytesText, durationText, momentText } from "../../face/units.ts";
import { bayReasons, bayStates, dockWords, fileStates } from "../../text/dock/words.ts";
import { words } from "../../text/words.ts";
import { ANSWER_MS, type LiveOptions } from "../live/ask.ts";
import { dataDirOf } from "../target.ts";
import { noteOf } from "./bays.ts";

/** So much of a digest tells files apart on a screen of 80 columns; `--json` has all of it. */
const DIGEST_LETTERS = 12;
const NOTABLE_OFFSET_MS = 3_000;

/** One bay with every file of its card, and in plain words whether it may be wiped. Exit 1: it may not. */
export async function show(face: Face, bay: string, options: LiveOptions): Promise<ExitCode> {
  const dataDir = await dataDirOf(face, options);
  const account = await callAgent(dataDir, "dock.show", { bay }, { timeoutMs: ANSWER_MS });
  if (options.json === true) face.printJson(account);
  else {
    const { dev = "" } = await callAgent(dataDir, "status", {}, { timeoutMs: ANSWER_MS });
    face.print(
      ...pairs(rows(face, account)),
      "",
      ...fileLines(face, account),
      ...verdictLines(face, account, dev),
    );
  }
  return account.safe_to_wipe ? 0 : 1;
}

function rows(face: Face, account: BayAccount): [string, string][] {
  const { recorder, card } = account;
  const note = noteOf(face, account);
  const lines: [string, string][] = [
    [face.say(dockWords.bay), account.bay],
    [face.say(dockWords.state), `${face.say(bayStates[account.state])}${note === "" ? "" : ` (${note})`}`],
    [face.say(dockWords.since), momentText(account.since_ms)],
  ];
  if (recorder !== undefined) {
    const { model, serial, driver, wearer, battery_pct: battery } = recorder;
    lines.push(
      [face.say(dockWords.recorder), `${model} ${serial} (${driver})`],
      [face.say(dockWords.wearer), wearer ?? face.say(words.none)],
    );
    if (battery !== undefined) lines.push([face.say(dockWords.battery), `${battery} %`]);
    const clock = clockText(face, recorder);
    if (clock !== null) lines.push([face.say(dockWords.clock), clock]);
  }
  if (card !== undefined) {
    const { files, bytes, imported, wiped, gone } = card;
    lines.push(
      [face.say(dockWords.files), `${files}, ${bytesText(bytes)}`],
      [face.say(dockWords.imported), String(imported)],
      [face.say(dockWords.wiped), String(wiped)],
    );
    if (gone > 0) lines.push([face.say(dockWords.gone), String(gone)]);
  }
  return lines;
}

/** Null: it has none that it could tell. */
function clockText(face: Face, recorder: NonNullable<BayAccount["recorder"]>): string | null {
  const { on_time: isOnTime, clock_offset_ms: offsetMs } = recorder;
  if (isOnTime === undefined) return null;
  const now = face.say(isOnTime ? dockWords.clockOnTime : dockWords.clockUnsure);
  if (offsetMs === undefined || Math.abs(offsetMs) < NOTABLE_OFFSET_MS) return now;
  const offset = `${offsetMs < 0 ? "-" : "+"}${durationText(Math.abs(offsetMs))}`;
  return face.say(dockWords.clockWas, { offset, now });
}

function fileLines(face: Face, { listed, card }: BayAccount): string[] {
  if (listed.length === 0) return [];
  const columns: Column[] = [
    left(face.say(dockWords.path)),
    right(face.say(words.size)),
    left(face.say(dockWords.state)),
    left(face.say(dockWords.digest)),
  ];
  const lines = table(
    columns,
    listed.map((file) => [
      file.path,
      bytesText(file.bytes),
      face.say(fileStates[file.state], { reason: file.reason ?? "" }),
      file.file_digest?.slice(0, DIGEST_LETTERS) ?? "",
    ]),
  );
  const files = card?.files ?? 0;
  if (files > listed.length) lines.push(face.say(dockWords.more, { shown: listed.length, files }));
  return [...lines, ""];
}

/** The verdict in plain words, and what proves it. */
function verdictLines(face: Face, account: BayAccount, dev: string): string[] {
  const { card, unsafe, listed } = account;
  if (!account.safe_to_wipe) {
    const reasons = unsafe.map((reason) => face.say(bayReasons[reason])).join(face.say(dockWords.and));
    return [face.paint("yellow", face.say(dockWords.unsafe, { reasons }))];
  }
  if (card === undefined || card.files === 0) return [face.say(dockWords.emptyCard)];
  const { files, wiped, gone, bytes } = card;
  const verdict = wiped + gone === files ? dockWords.allWiped : dockWords.safe;
  const proof = receiptsOf(listed).flatMap(({ digest, receiver, size }): [string, string][] => [
    [face.say(dockWords.receiver), face.say(dockWords.receiverText, { receiver, size })],
    [face.say(dockWords.receipt), digest],
  ]);
  return [
    face.paint("green", face.say(verdict, { files, bytes: bytesText(bytes) })),
    ...pairs([[face.say(dockWords.ledger), dev], ...proof]),
  ];
}

/** Each receipt once. */
function receiptsOf(listed: readonly CardFileStatus[]): NonNullable<CardFileStatus["receipt"]>[] {
  const receipts = new Map<string, NonNullable<CardFileStatus["receipt"]>>();
  for (const { receipt } of listed) if (receipt !== undefined) receipts.set(receipt.digest, receipt);
  return [...receipts.values()];
}
