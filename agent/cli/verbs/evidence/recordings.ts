import { tmpdir } from "node:os";
import { isDigestHex } from "../../../../crypto/bytes/digest.ts";
import { LedgerFile } from "../../../../crypto/ledger/verify/read/ledger-file.ts";
import { PrivateCopy } from "../../../../crypto/ledger/verify/read/private-copy.ts";

/** A chunk as its entry announces it. */
export interface Chunk {
  n: number;
  /** Hex. */
  digest: string;
  bytes: number;
  sealed: boolean;
  /** End in media time, live recordings only. */
  toUs: number;
}

/** A recording as its entries tell it: this reads evidence, `fulltrace verify` checks it. */
export interface Recording {
  rec: string;
  startedMs: number;
  origin: string;
  trigger: string;
  activity: string | null;
  continues: string | null;
  markers: number;
  chunks: Chunk[];
  /** What its stop says of the number of chunks; null without a stop. */
  stopChunks: number | null;
}

type Fields = Record<string, unknown>;

const MARK = Buffer.from('"type":"recording.');

/**
 * The recordings of a ledger, oldest first, from a private copy of its entries alone: works on a
 * read-only folder, beside a running agent, and on ledgers that other programs wrote.
 * Throws `ledger-missing`, `not-a-ledger`, `database-damaged` and what `PrivateCopy.make` throws.
 */
export async function readRecordings(dataDir: string): Promise<Recording[]> {
  const copy = await PrivateCopy.make(dataDir, tmpdir());
  try {
    const file = LedgerFile.open(copy.ledger);
    try {
      const recordings = new Map<string, Recording>();
      for (const rows of file.entries()) {
        for (const { body } of rows) if (body.includes(MARK)) add(recordings, parse(body));
      }
      return [...recordings.values()];
    } finally {
      file.close();
    }
  } finally {
    copy.remove();
  }
}

/** The recording whose id begins with `start`, if there is exactly one, and how many there are. */
export function findRecording(
  recordings: readonly Recording[],
  start: string,
): { found: Recording | null; matches: number } {
  const matching = recordings.filter(({ rec }) => rec.startsWith(start.toLowerCase()));
  return { found: matching.length === 1 ? (matching[0] ?? null) : null, matches: matching.length };
}

function parse(body: Buffer): Fields {
  try {
    return JSON.parse(body.toString("utf8")) as Fields;
  } catch {
    // a damaged body names nothing; that it is damaged is the verifier's to say
    return {};
  }
}

function add(recordings: Map<string, Recording>, body: Fields): void {
  if (typeof body.rec !== "string") return;
  const known = recordings.get(body.rec);
  switch (body.type) {
    case "recording.start":
      if (known === undefined) recordings.set(body.rec, begin(body.rec, body));
      return;
    case "recording.chunk":
      known?.chunks.push(...chunkOf(body));
      return;
    case "recording.marker":
      if (known !== undefined) known.markers++;
      return;
    case "recording.stop":
      if (known !== undefined) known.stopChunks = whole(body.chunks);
      return;
  }
}

function begin(rec: string, { t, origin, trigger, activity, continues }: Fields): Recording {
  return {
    rec,
    startedMs: whole((t as Fields | undefined)?.utc_ms),
    origin: text(origin) ?? "",
    trigger: text(trigger) ?? "",
    activity: text(activity),
    continues: text(continues),
    markers: 0,
    chunks: [],
    stopChunks: null,
  };
}

/** None if the entry does not name a file: its digest becomes a path. */
function chunkOf({ n, digest, bytes, sealed, to_us }: Fields): Chunk[] {
  if (typeof digest !== "string" || !isDigestHex(digest)) return [];
  return [{ n: whole(n), digest, bytes: whole(bytes), sealed: sealed === true, toUs: whole(to_us) }];
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function whole(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
