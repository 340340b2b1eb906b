import type { AgentStatus, HeardDevice } from "../../../control/protocol.ts";
import type { Face } from "../../face/face.ts";
import { type Column, left, pairs, right, table } from "../../face/table.ts";
import { bytesText, durationText, momentText } from "../../face/units.ts";
import { harmless } from "../../face/width.ts";
import { dockWords } from "../../text/dock/words.ts";
import { uploadWords } from "../../text/uploads.ts";
import { words } from "../../text/words.ts";
import { policyLine } from "./policy-line.ts";

/** What a running agent says of itself, for people; `more` names further rows. */
export function statusLines(face: Face, live: AgentStatus, more: readonly [string, string][] = []): string[] {
  return [...pairs([...rows(face, live), ...more]), ...heardLines(face, live.receiver?.heard ?? [])];
}

/** What calls for help, one a line; it stands before everything else, in red. */
export function alarmLines(face: Face, { alarms }: AgentStatus): string[] {
  return alarms.map(({ code, detail }) =>
    harmless(face.say(words.alarm, { code, detail: detail === "" ? "" : ` (${detail})` })),
  );
}

/** A receiver's devices, the latest heard first. */
function heardLines(face: Face, heard: readonly HeardDevice[]): string[] {
  if (heard.length === 0) return [];
  const columns: Column[] = [
    left(face.say(words.device)),
    left(face.say(words.presence)),
    left(face.say(words.lastSeen)),
    right(face.say(words.entries)),
    right(face.say(words.lacking)),
    right(face.say(words.refusals)),
    right(face.say(words.breaches)),
    right(face.say(words.forks)),
  ];
  const lines = heard.map(
    ({ dev, presence, last_seen_ms, size, media_missing, refusals, problems, forks }) => [
      shortId(dev),
      presence ?? "",
      momentText(last_seen_ms).slice(5, 16),
      String(size ?? ""),
      String(media_missing ?? ""),
      String(Object.values(refusals).reduce((sum, count) => sum + count, 0)),
      String(problems.length),
      String(forks ?? 0),
    ],
  );
  return ["", ...table(columns, lines)];
}

/** Its beginning and its end: 80 columns have no room for more. */
function shortId(dev: string): string {
  return dev.length <= 11 ? dev : `${dev.slice(0, 6)}…${dev.slice(-4)}`;
}

function rows(face: Face, live: AgentStatus): [string, string][] {
  const { role, agent, dev, size, recording, sync, receiver, alarms } = live;
  const since = momentText(live.started_ms);
  const lines: [string, string][] = [
    [face.say(words.running), face.say(words.runningSince, { pid: live.pid, time: since })],
    [face.say(words.role), `${role} (fulltrace ${agent})`],
  ];
  if (dev !== undefined) lines.push([face.say(words.device), dev]);
  if (size !== undefined) lines.push([face.say(words.entries), String(size)]);
  if (recording !== undefined) {
    const { state, rec, muted } = recording;
    const parts = [state, rec, muted ? face.say(words.muted) : undefined];
    lines.push([face.say(words.recordingState), parts.filter((part) => part !== undefined).join(", ")]);
  }
  const { board, gnss, dock } = live;
  if (dock !== undefined) {
    lines.push(
      [face.say(dockWords.bays), face.say(dockWords.baysText, { ...dock })],
      [face.say(dockWords.imports), face.say(dockWords.importsText, { ...dock })],
    );
  }
  if (board !== undefined) {
    const battery =
      board.battery_pct === undefined
        ? []
        : [
            face.say(words.batteryText, { percent: board.battery_pct }),
            ...(board.charging === "no" ? [] : [face.say(words.charging)]),
          ];
    const connected = face.say(board.connected ? words.connected : words.notConnected);
    lines.push([face.say(words.board), [connected, ...battery].join(", ")]);
  }
  if (gnss !== undefined) lines.push([face.say(words.gnss), face.say(gnss.fix ? words.fix : words.noFix)]);
  if (sync !== undefined) {
    const backlog = {
      entries: sync.backlog_entries,
      bytes: bytesText(sync.backlog_bytes),
      age: durationText(sync.oldest_ms),
    };
    const isEmpty = sync.backlog_entries === 0 && sync.backlog_bytes === 0;
    lines.push(
      [face.say(words.broker), face.say(sync.connected ? words.connected : words.notConnected)],
      [face.say(words.receiver), sync.receiver ?? face.say(words.noAnswer)],
      [face.say(words.backlog), face.say(isEmpty ? words.none : words.backlogText, backlog)],
      [face.say(uploadWords.policy), policyLine(face, sync.policy)],
    );
  }
  if (receiver !== undefined) {
    const { devices, online, linked } = receiver;
    lines.push(
      [face.say(words.broker), face.say(linked ? words.connected : words.notConnected)],
      [face.say(words.devices), face.say(words.devicesText, { devices, online })],
    );
  }
  if (live.share !== undefined)
    lines.push([
      face.say(words.platform),
      face.say(live.share.linked ? words.platformLinked : words.platformAway, {
        published: live.share.published,
        waiting: live.share.waiting,
      }),
    ]);
  if (live.clock !== undefined) {
    const { source, uncertainty_ms: ms } = live.clock;
    lines.push([
      face.say(words.clock),
      ms === undefined ? source : face.say(words.clockText, { source, ms }),
    ]);
  }
  const free = bytesText(live.free_bytes);
  const total = live.total_bytes === undefined ? null : bytesText(live.total_bytes);
  lines.push([face.say(words.freeSpace), total === null ? free : face.say(words.spaceText, { free, total })]);
  if (alarms.length === 0) lines.push([face.say(words.alarms), face.say(words.none)]);
  return lines;
}
