import { sha256 } from "../../bytes/digest.ts";
import type { MediaFields } from "../../entry/media-fields.ts";
import type { ImportSource } from "../../entry/recording-types.ts";
import type { AppendableBody } from "../../entry/types.ts";
import { type Intent, parseIntent } from "../../media/intent.ts";
import { digestFile, isMediaName, type MediaStore } from "../../media/store.ts";
import type { LedgerReader } from "../db/reader.ts";
import type { RecordingRow } from "../db/tables/recordings.ts";
import type { Appender } from "./appender.ts";

/**
 * What an interrupted run left behind, and how it is made honest again: media files without an
 * entry are adopted or quarantined, recordings left open are closed, and signed entries say so.
 */
export interface Findings {
  orphans: Orphan[];
  /** Files whose content is not what their name says, or that have no digest for a name; already moved. */
  quarantined: string[];
  /** Recordings without a stop. */
  open: OpenRow[];
}

interface OpenRow extends RecordingRow {
  /** What an import was to bring; null for a live recording. */
  source: ImportSource | null;
}

/** A whole media file that no entry names, and the entry that was about to. */
interface Orphan {
  digest: string;
  bytes: number;
  intent: Intent | null;
}

const AGE_HEADER = "age-encryption.org/v1";

/** Looks at the media store; moves what cannot be trusted, finishes purges that were signed. */
export function inspect(reader: LedgerReader, media: MediaStore): Findings {
  const open = reader.recordings.open().map((row) => ({ ...row, source: sourceOf(reader, row) }));
  const findings: Findings = { orphans: [], quarantined: [], open };
  for (const { name, path } of media.files()) {
    const rows = isMediaName(name, path) ? reader.media.naming(name) : [];
    if (rows.length > 0) {
      if (rows.every(({ purged }) => purged)) media.remove(name);
      continue;
    }
    const intent = readIntent(media, name);
    const isWhole = isMediaName(name, path) && digestFile(path) === name;
    if (isWhole && (intent !== null || !media.startsWith(name, AGE_HEADER))) {
      findings.orphans.push({ digest: name, bytes: media.bytes(name) as number, intent });
    } else {
      media.quarantine(path, name);
      findings.quarantined.push(name);
    }
  }
  return findings;
}

function sourceOf(reader: LedgerReader, { startSeq }: RecordingRow): ImportSource | null {
  const { origin, source } = reader.body(startSeq);
  return origin === "import" ? (source as unknown as ImportSource) : null;
}

/** Null without a note, or with a torn one: the orphan is then adopted without its place in a recording. */
function readIntent(media: MediaStore, digest: string): Intent | null {
  const text = media.readIntent(digest);
  return text === null ? null : parseIntent(text);
}

/** Signs what `inspect` found. `lostPower` tells whether the machine itself went down. */
export function settle(findings: Findings, appender: Appender, media: MediaStore, lostPower: boolean): void {
  const open = new Map(findings.open.map((row) => [row.rec, { ...row }]));
  const fileDigests = new Map<string, string>();
  for (const orphan of findings.orphans.sort((a, b) => place(a) - place(b))) {
    const body = adoption(orphan, open);
    appender.append(body);
    media.dropIntent(orphan.digest);
    const fileDigest = orphan.intent?.fileDigest;
    if (body.type === "recording.chunk" && fileDigest !== undefined) fileDigests.set(body.rec, fileDigest);
  }
  const reason = lostPower ? "power-loss" : "unknown";
  for (const { rec, chunks, bytes, source } of open.values()) {
    const fileDigest = source?.bytes === 0 ? EMPTY_DIGEST : fileDigests.get(rec);
    const whole = fileDigest === undefined ? {} : { file_digest: fileDigest };
    appender.append({ type: "recording.stop", rec, chunks, bytes, reason, recovered: true, ...whole });
    // what an import misses still lies on the card: only a live recording has lost time
    if (source !== null) continue;
    const now = appender.monoUs();
    appender.append({ type: "device.gap", reason, after: rec, mono_from_us: 0, mono_to_us: now });
  }
  media.clearTemporary();
}

const EMPTY_DIGEST = sha256("").toString("hex");

/** Chunks go in by their order, whatever their digests are; the rest before them. */
function place({ intent }: Orphan): number {
  return intent?.body.type === "recording.chunk" ? intent.body.n : -1;
}

/** The entry that an orphan was about to get; where that no longer fits, one that only names the media. */
function adoption({ digest, bytes, intent }: Orphan, open: Map<string, RecordingRow>): AppendableBody {
  if (intent === null) return orphanBody({ digest, bytes, sealed: false });
  const { body } = intent;
  if (body.type !== "recording.chunk") return body;
  const row = open.get(body.rec);
  if (row === undefined || body.n !== row.chunks) return orphanBody(body);
  row.chunks++;
  row.bytes += body.bytes;
  return body;
}

function orphanBody({ digest, bytes, sealed, plain_digest, plain_bytes }: MediaFields): AppendableBody {
  const body = { type: "device.orphan", digest, bytes, sealed, plain_digest, plain_bytes };
  // §5 lets a ledger hold types that its readers do not know; ours documents this one
  return body as unknown as AppendableBody;
}
