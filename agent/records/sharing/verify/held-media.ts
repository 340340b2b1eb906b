import { join } from "node:path";
import type { ActivityDocument, ActivityOpen } from "../../../../crypto/entry/activity-types.ts";
import type { MediaFields } from "../../../../crypto/entry/media-fields.ts";
import type { RecordingStart, RecordingStop } from "../../../../crypto/entry/recording-types.ts";
import { documentFile, photoFile, recordingFile, TEMPLATE } from "../export/names.ts";
import { digestsOf, type FolderFiles } from "./folder-files.ts";
import type { FolderFault } from "./folder-verdict.ts";
import type { ProvenEntry } from "./proven-entries.ts";

/** What the bytes of one file must be, by the proven entries. */
interface NamedFile {
  kind: "template" | "document" | "recording" | "photo";
  /** SHA-256 (hex) of its pieces in their order; `bytes` is left out where the file is one piece. */
  pieces: { digest: string; bytes?: number }[];
  /** A recording of which chunks are left out. */
  isCut?: true;
}

export interface HeldMedia {
  /** Files that are there and what the entries say. */
  documents: number;
  recordings: number;
  photos: number;
  faults: FolderFault[];
}

/** Reads every file of a folder once, and holds it against the list of digests and against the entries. */
export async function holdMedia(
  directory: string,
  { names, listed }: FolderFiles,
  entries: readonly ProvenEntry[],
): Promise<HeldMedia> {
  const wanted = namedFiles(entries);
  const faults: FolderFault[] = [];
  const held = { template: 0, document: 0, recording: 0, photo: 0 };
  for (const file of names) {
    const named = wanted.get(file);
    const cuts = named?.pieces.map(({ bytes }) => bytes ?? Number.POSITIVE_INFINITY) ?? [];
    const found = await digestsOf(join(directory, file), cuts);
    if (found.whole !== listed.get(file)) faults.push({ file, code: "file-altered" });
    if (named === undefined) {
      if (isMedia(file)) faults.push({ file, code: "media-unproven" });
    } else if (named.isCut === true) faults.push({ file, code: "recording-cut" });
    else if (!isWhole(named, found)) faults.push({ file, code: "media-altered" });
    else held[named.kind] += 1;
  }
  for (const file of wanted.keys()) if (!names.has(file)) faults.push({ file, code: "media-missing" });
  return { documents: held.document, recordings: held.recording, photos: held.photo, faults };
}

function isMedia(file: string): boolean {
  return file === TEMPLATE || /^(?:documents|recordings)\//.test(file);
}

function isWhole(
  { pieces }: NamedFile,
  found: { whole: string; pieces: readonly string[]; bytes: number },
): boolean {
  const [only] = pieces;
  if (pieces.length === 1 && only?.bytes === undefined) return only?.digest === found.whole;
  const bytes = pieces.reduce((sum, piece) => sum + (piece.bytes ?? 0), 0);
  return bytes === found.bytes && pieces.every(({ digest }, at) => digest === found.pieces[at]);
}

/** By name in the folder. Chunks and photos are proven only where they are given. */
function namedFiles(entries: readonly ProvenEntry[]): Map<string, NamedFile> {
  const files = new Map<string, NamedFile>();
  for (const entry of entries)
    for (const [file, kind, digest] of wholeFiles(entry)) files.set(file, { kind, pieces: [{ digest }] });
  const chunks = entries.filter(({ type }) => type === "recording.chunk") as unknown as Chunk[];
  for (const rec of new Set(chunks.map((chunk) => chunk.rec))) {
    const of = (type: string) => entries.find((entry) => entry.type === type && entry.rec === rec);
    const start = of("recording.start") as unknown as RecordingStart | undefined;
    const stop = of("recording.stop") as unknown as RecordingStop | undefined;
    const own = chunks.filter((chunk) => chunk.rec === rec);
    files.set(recordingFile(rec, start?.source), joined(own, stop));
  }
  return files;
}

type Chunk = MediaFields & { rec: string; n: number };

function joined(chunks: readonly Chunk[], stop: RecordingStop | undefined): NamedFile {
  const pieces = chunks.toSorted((a, b) => a.n - b.n);
  const isCut = pieces.some(({ n }, at) => n !== at) || (stop !== undefined && stop.chunks !== pieces.length);
  return { kind: "recording", pieces, ...(isCut ? { isCut } : {}) };
}

function wholeFiles(entry: ProvenEntry): [file: string, kind: NamedFile["kind"], digest: string][] {
  switch (entry.type) {
    case "activity.open": {
      const { template_digest: digest } = entry as unknown as ActivityOpen;
      return digest === undefined ? [] : [[TEMPLATE, "template", digest]];
    }
    case "activity.document": {
      const { name, digest } = entry as unknown as ActivityDocument;
      return [[documentFile({ seq: entry.seq, name }), "document", digest]];
    }
    case "recording.photo": {
      const { rec, mime, digest } = entry as unknown as MediaFields & { rec?: string; mime: string };
      return rec === undefined ? [] : [[photoFile(rec, { seq: entry.seq, mime }), "photo", digest]];
    }
    default:
      return [];
  }
}
