import { MediaStore } from "../../../../crypto/media/store.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { left, right, table } from "../../face/table.ts";
import { bytesText, durationText, momentText } from "../../face/units.ts";
import { words } from "../../text/words.ts";
import { dataDirOf, type Target } from "../target.ts";
import { type Recording, readRecordings } from "./recordings.ts";

interface Row {
  rec: string;
  started_ms: number;
  duration_ms: number;
  origin: string;
  trigger: string;
  chunks: number;
  bytes: number;
  markers: number;
  /** Chunks whose file is not here. */
  missing: number;
  /** It has no stop. */
  open: boolean;
  activity?: string;
  continues?: string;
}

/** Lists a ledger's recordings, oldest first. */
export async function list(face: Face, { json, ...target }: Target & { json?: boolean }): Promise<ExitCode> {
  const dataDir = await dataDirOf(face, target);
  const store = new MediaStore(dataDir);
  const rows = (await readRecordings(dataDir)).map((recording) => rowOf(recording, store));
  if (json === true) face.printJson({ recordings: rows });
  else if (rows.length === 0) face.print(face.say(words.noRecordings));
  else face.print(...lines(face, rows));
  return 0;
}

function rowOf(recording: Recording, store: MediaStore): Row {
  const { rec, startedMs, origin, trigger, chunks, markers, stopChunks, activity, continues } = recording;
  return {
    rec,
    started_ms: startedMs,
    duration_ms: Math.floor(Math.max(0, ...chunks.slice(-1).map(({ toUs }) => toUs)) / 1000),
    origin,
    trigger,
    chunks: chunks.length,
    bytes: chunks.reduce((sum, { bytes }) => sum + bytes, 0),
    markers,
    missing:
      chunks.filter(({ digest }) => store.bytes(digest) === null).length +
      Math.max(0, (stopChunks ?? 0) - chunks.length),
    open: stopChunks === null,
    ...(activity === null ? {} : { activity }),
    ...(continues === null ? {} : { continues }),
  };
}

function lines(face: Face, rows: readonly Row[]): string[] {
  return table(
    [
      left(face.say(words.recording)),
      left(face.say(words.started)),
      right(face.say(words.duration)),
      right(face.say(words.chunks)),
      right(face.say(words.size)),
      right(face.say(words.markers)),
      left(face.say(words.trigger)),
      left(face.say(words.state)),
    ],
    rows.map((row) => [
      row.rec,
      momentText(row.started_ms),
      durationText(row.duration_ms),
      String(row.chunks),
      bytesText(row.bytes),
      String(row.markers),
      row.trigger,
      stateText(face, row),
    ]),
  );
}

function stateText(face: Face, { missing, open }: Row): string {
  const parts = [
    ...(open ? [face.say(words.stateOpen)] : []),
    ...(missing > 0 ? [face.say(words.stateMissing, { missing })] : []),
  ];
  return parts.length === 0 ? face.say(words.stateComplete) : parts.join(", ");
}
