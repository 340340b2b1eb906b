import type { LinkFault } from "../../../../sync/link/keep-linked.ts";
import type { AgentStatus } from "../../../control/protocol.ts";
import type { Face } from "../../face/face.ts";
import { bytesText, durationText, momentText } from "../../face/units.ts";
import { harmless } from "../../face/width.ts";
import { dockWords } from "../../text/dock/words.ts";
import { uploadWords } from "../../text/uploads.ts";
import { recordingStates, words } from "../../text/words.ts";
import { policyLine } from "./policy-line.ts";

/** What a row is about, and what is to be said of it. */
export type Row = [name: string, text: string];

/** One subject of the status: its rows, none where the agent has nothing of the kind. */
type Subject = (face: Face, live: AgentStatus) => Row[];

/** All that an agent says of itself, subject by subject. */
export function statusRows(face: Face, live: AgentStatus): Row[] {
  return SUBJECTS.flatMap((subject) => subject(face, live));
}

const identity: Subject = (face, { role, agent, pid, started_ms, dev, size }) => [
  [face.say(words.running), face.say(words.runningSince, { pid, time: momentText(started_ms) })],
  [face.say(words.role), `${role} (fulltrace ${agent})`],
  ...given(dev, (own): Row[] => [[face.say(words.device), own]]),
  ...given(size, (entries): Row[] => [[face.say(words.entries), String(entries)]]),
];

const recording: Subject = (face, live) =>
  given(live.recording, ({ state, rec, muted }) => {
    const phrase = recordingStates[state];
    const parts = [phrase === undefined ? state : face.say(phrase)];
    if (rec !== undefined) parts.push(rec);
    if (muted) parts.push(face.say(words.muted));
    return [[face.say(words.recordingState), parts.join(", ")]];
  });

const bays: Subject = (face, live) =>
  given(live.dock, (dock) => [
    [face.say(dockWords.bays), face.say(dockWords.baysText, { ...dock })],
    [face.say(dockWords.imports), face.say(dockWords.importsText, { ...dock })],
  ]);

const board: Subject = (face, live) =>
  given(live.board, ({ connected, battery_pct: percent, charging }) => {
    const parts = [face.say(connected ? words.connected : words.notConnected)];
    if (percent !== undefined) {
      parts.push(face.say(words.batteryText, { percent }));
      if (charging !== "no") parts.push(face.say(words.charging));
    }
    return [[face.say(words.board), parts.join(", ")]];
  });

const gnss: Subject = (face, live) =>
  given(live.gnss, ({ fix }) => [[face.say(words.gnss), face.say(fix ? words.fix : words.noFix)]]);

const upload: Subject = (face, live) =>
  given(live.sync, (sync) => [
    [face.say(words.broker), brokerText(face, sync.connected, sync.fault)],
    [face.say(words.receiver), sync.receiver ?? face.say(words.noAnswer)],
    [face.say(words.backlog), backlogText(face, sync)],
    [face.say(uploadWords.policy), policyLine(face, sync.policy)],
  ]);

const receiver: Subject = (face, live) =>
  given(live.receiver, ({ devices, online, linked, fault }) => [
    [face.say(words.broker), brokerText(face, linked, fault)],
    [face.say(words.devices), face.say(words.devicesText, { devices, online })],
  ]);

const platform: Subject = (face, live) =>
  given(live.share, ({ linked, published, waiting }) => {
    const phrase = linked ? words.platformLinked : words.platformAway;
    return [[face.say(words.platform), face.say(phrase, { published, waiting })]];
  });

const clock: Subject = (face, live) =>
  given(live.clock, ({ source, uncertainty_ms: ms }) => {
    const who = source === "none" ? face.say(words.clockNobody) : source;
    const text = ms === undefined ? who : face.say(words.clockText, { source: who, ms });
    return [[face.say(words.clock), text]];
  });

const space: Subject = (face, { free_bytes, total_bytes }) => {
  const free = bytesText(free_bytes);
  const [of] = given(total_bytes, (bytes) => [face.say(words.spaceText, { free, total: bytesText(bytes) })]);
  return [[face.say(words.freeSpace), of ?? free]];
};

/** Alarms that there are stand above everything else, not here. */
const noAlarms: Subject = (face, { alarms }) =>
  alarms.length === 0 ? [[face.say(words.alarms), face.say(words.none)]] : [];

const SUBJECTS: readonly Subject[] = [
  identity,
  recording,
  bays,
  board,
  gnss,
  upload,
  receiver,
  platform,
  clock,
  space,
  noAlarms,
];

function given<Part, Out>(part: Part | undefined, rowsOf: (part: Part) => Out[]): Out[] {
  return part === undefined ? [] : rowsOf(part);
}

/** Why there is no link stands behind it: a broker that refuses is not one that is out of reach. */
function brokerText(face: Face, isLinked: boolean, fault: LinkFault | undefined): string {
  if (isLinked) return face.say(words.connected);
  if (fault === undefined) return face.say(words.notConnected);
  return face.say(words.notConnectedBy, { code: fault.code, place: harmless(fault.place) });
}

function backlogText(face: Face, sync: NonNullable<AgentStatus["sync"]>): string {
  if (sync.backlog_entries === 0 && sync.backlog_bytes === 0) return face.say(words.none);
  return face.say(words.backlogText, {
    entries: sync.backlog_entries,
    bytes: bytesText(sync.backlog_bytes),
    age: durationText(sync.oldest_ms),
  });
}
