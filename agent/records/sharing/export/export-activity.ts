import { AgentError } from "../../../../config/base/errors.ts";
import type { RecordingStart } from "../../../../crypto/entry/recording-types.ts";
import { deviceVkey, formatVkey } from "../../../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { MediaStore } from "../../../../crypto/media/store.ts";
import { type ActivityRecord, readActivity, toldStatement } from "../../activity/activity-record.ts";
import type { Mapping } from "../view/mapping.ts";
import { tellActivity, tellDocument, tellRecording } from "../view/shared-activity.ts";
import { ExportFolder } from "./export-folder.ts";
import { documentFile, photoFile, recordingFile, TEMPLATE } from "./names.ts";
import { writeProofs } from "./proofs.ts";
import { README } from "./readme.ts";
import { chunksOf, type NamedMedia, photosOf, storedBytes } from "./stored-media.ts";

export interface ExportParts {
  reader: LedgerReader;
  dataDir: string;
  mapping: Mapping;
  /** Recordings joined into files that play, with their photos; else they are told, and not given. */
  withRecordings: boolean;
  /** Called with each file's name before it is written. */
  onFile: (name: string) => void;
  /** Called with each recording that was asked for and is not given, since it stands in another device's ledger. */
  onElsewhere?: (rec: string, dev: string) => void;
}

export interface Exported {
  directory: string;
  dev: string;
  activity: string;
  /** Entries below the checkpoint that proves it. */
  size: number;
  /** Who cosigned that checkpoint, by the names that they sign with; whom to believe is for the reader to say. */
  witnesses: string[];
  documents: number;
  recordings: number;
  files: number;
  bytes: number;
}

/** What of the activity is in the folder, and what proves it. */
interface Content {
  documents: object[];
  recordings: object[];
  /** Entries that are to be proven. */
  seqs: Set<number>;
}

/**
 * Writes one activity into a new folder: what is told of it, its documents and recordings, their digests,
 * and the proof that each entry is in a cosigned ledger. Whole or not at all; every byte is held against the
 * digest of its entry. Throws `activity-unknown`, `folder-exists`, `evidence-sealed`, `evidence-missing`,
 * `evidence-damaged`, or `entry-unwitnessed` where an entry is not below a cosigned checkpoint yet.
 */
export function exportActivity(activity: string, directory: string, parts: ExportParts): Exported {
  const { reader, mapping } = parts;
  const record = readActivity(reader, activity);
  if (record === null) throw new AgentError("activity-unknown", activity);
  const folder = ExportFolder.begin(directory);
  try {
    const told = tellActivity(record, reader.dev, mapping);
    const content: Content = { documents: [], recordings: [], seqs: new Set(told.seqs) };
    addTemplate(folder, record, parts);
    addDocuments(folder, record, parts, content);
    addRecordings(folder, record, parts, content);
    for (const { seq } of [...record.notes, ...record.unlinked]) content.seqs.add(seq);
    const { size, witnesses } = writeProofs(
      folder,
      reader,
      [...content.seqs].sort((a, b) => a - b),
    );
    const { documents, recordings } = content;
    const about = {
      v: 1,
      dev: reader.dev,
      device_key: formatVkey(deviceVkey(reader.deviceKey)),
      size,
      activity: mapping.map(told.shared),
      documents,
      recordings,
      notes: record.notes.map(toldStatement),
      disputes: record.disputes.map(toldStatement),
    };
    folder.add("activity.json", `${JSON.stringify(about, null, 2)}\n`);
    folder.add("README.txt", README);
    folder.finish();
    return {
      directory: folder.path,
      dev: reader.dev,
      activity,
      size,
      witnesses,
      documents: documents.length,
      recordings: recordings.length,
      files: folder.files,
      bytes: folder.bytes,
    };
  } catch (error) {
    folder.discard();
    throw error;
  }
}

/** What the whole process must contain, as it was when the activity was opened. */
function addTemplate(
  folder: ExportFolder,
  { open, templateSeq: seq }: ActivityRecord,
  parts: ExportParts,
): void {
  if (seq === null || open.template_digest === undefined) return;
  const media = { seq, digest: open.template_digest, sealed: false };
  folder.add(TEMPLATE, storedBytes(new MediaStore(parts.dataDir), media));
}

function addDocuments(
  folder: ExportFolder,
  record: ActivityRecord,
  parts: ExportParts,
  content: Content,
): void {
  const store = new MediaStore(parts.dataDir);
  for (const document of record.documents) {
    const file = documentFile(document);
    parts.onFile(file);
    folder.add(file, storedBytes(store, document));
    const { shared, seqs } = tellDocument(parts.reader, record, document, parts.mapping);
    content.documents.push({ file, ...parts.mapping.map(shared) });
    for (const seq of seqs) content.seqs.add(seq);
  }
}

function addRecordings(
  folder: ExportFolder,
  record: ActivityRecord,
  parts: ExportParts,
  content: Content,
): void {
  const { reader, mapping } = parts;
  for (const linked of record.recordings) {
    const told = tellRecording(reader, record.activity, linked);
    if (told === null) continue;
    if (parts.withRecordings && linked.ledger !== null) parts.onElsewhere?.(linked.rec, linked.ledger.dev);
    const given = parts.withRecordings && linked.ledger === null ? joinInto(folder, linked.rec, parts) : null;
    content.recordings.push({ ...(given?.files ?? {}), ...mapping.map(told.shared) });
    for (const seq of [...told.seqs, ...(given?.seqs ?? [])]) content.seqs.add(seq);
  }
}

/** The chunks joined, and the photos; each seq of them is to be proven. */
function joinInto(
  folder: ExportFolder,
  rec: string,
  { reader, dataDir, onFile }: ExportParts,
): { files: { file: string; photos: string[] }; seqs: number[] } {
  const store = new MediaStore(dataDir);
  const chunks = chunksOf(reader, rec);
  const startSeq = reader.recordings.startedAt(rec);
  const start = startSeq === null ? undefined : (reader.body(startSeq) as unknown as RecordingStart);
  const file = recordingFile(rec, start?.source);
  onFile(file);
  folder.addAll(file, contentOf(store, chunks));
  const photos = photosOf(reader, rec).map((photo) => {
    const name = photoFile(rec, photo);
    onFile(name);
    folder.add(name, storedBytes(store, photo));
    return { name, seq: photo.seq };
  });
  return {
    files: { file, photos: photos.map(({ name }) => name) },
    seqs: [...chunks, ...photos].map(({ seq }) => seq),
  };
}

/** One chunk at a time in memory. */
function* contentOf(store: MediaStore, chunks: readonly NamedMedia[]): Generator<Buffer> {
  for (const chunk of chunks) yield storedBytes(store, chunk);
}
