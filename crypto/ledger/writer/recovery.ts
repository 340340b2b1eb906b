import { canonicalText, parseCanonicalText } from "../../bytes/canonical.ts";
import type { AppendableBody, MediaFields, PendingMediaBody } from "../../entry/types.ts";
import { digestFile, isMediaName, type MediaStore } from "../../media/store.ts";
import type { LedgerReader, RecordingRow } from "../db/reader.ts";
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
  open: RecordingRow[];
}

/** A whole media file that no entry names, and the entry that was about to. */
interface Orphan {
  digest: string;
  bytes: number;
  intent: Intent | null;
}

type Intent = PendingMediaBody & MediaFields;

const AGE_HEADER = "age-encryption.org/v1";

/** Looks at the media store; moves what cannot be trusted, finishes purges that were signed. */
export function inspect(reader: LedgerReader, media: MediaStore): Findings {
  const findings: Findings = { orphans: [], quarantined: [], open: reader.openRecordings() };
  for (const { name, path } of media.files()) {
    const rows = isMediaName(name, path) ? reader.mediaNaming(name) : [];
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

function readIntent(media: MediaStore, digest: string): Intent | null {
  const text = media.readIntent(digest);
  if (text === null) return null;
  try {
    return parseCanonicalText(text) as unknown as Intent;
  } catch {
    // a torn note: the orphan is then adopted without its place in a recording
    return null;
  }
}

/** The note that lets an orphan find its place again. */
export function intentText(body: AppendableBody): string {
  return canonicalText(body);
}

/** Signs what `inspect` found. `lostPower` tells whether the machine itself went down. */
export function settle(findings: Findings, appender: Appender, media: MediaStore, lostPower: boolean): void {
  const open = new Map(findings.open.map((row) => [row.rec, { ...row }]));
  for (const orphan of findings.orphans) {
    appender.append(adoption(orphan, open));
    media.dropIntent(orphan.digest);
  }
  const reason = lostPower ? "power-loss" : "unknown";
  for (const { rec, chunks, bytes } of open.values()) {
    appender.append({ type: "recording.stop", rec, chunks, bytes, reason, recovered: true });
    const now = appender.monoUs();
    appender.append({ type: "device.gap", reason, after: rec, mono_from_us: 0, mono_to_us: now });
  }
  media.clearTemporary();
}

/** The entry that an orphan was about to get; where that no longer fits, one that only names the media. */
function adoption({ digest, bytes, intent }: Orphan, open: Map<string, RecordingRow>): AppendableBody {
  if (intent === null) return orphanBody({ digest, bytes, sealed: false });
  if (intent.type !== "recording.chunk") return intent as AppendableBody;
  const row = open.get(intent.rec);
  if (row === undefined || intent.n !== row.chunks) return orphanBody(intent);
  row.chunks++;
  row.bytes += intent.bytes;
  return intent as AppendableBody;
}

function orphanBody({ digest, bytes, sealed, plain_digest, plain_bytes }: MediaFields): AppendableBody {
  const body = { type: "device.orphan", digest, bytes, sealed, plain_digest, plain_bytes };
  // §5 lets a ledger hold types that its readers do not know; ours documents this one
  return body as unknown as AppendableBody;
}
