import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isMediaName, MediaStore } from "../../media/store.ts";
import type { LedgerReader } from "../db/reader.ts";
import type { FileState } from "../verify/work/hash-files.ts";
import { HashThreads } from "../verify/work/hash-threads.ts";

/** Findings listed by name; more are only counted. */
const MAX_LISTED = 1_000;
const PROGRESS_FILES = 64;

export interface BadFile {
  digest: string;
  /** Of the first entry that names it. */
  seq: number;
  state: "missing" | "wrong-size" | Exclude<FileState, "whole" | "missing">;
}

export interface MediaFindings {
  /** Files that entries name, and the bytes that they say. */
  files: number;
  bytes: number;
  /** There, with the size of its entry, and with `full` its digest. */
  whole: number;
  /** Not there, as a signed purge says. */
  purged: number;
  missing: number;
  wrongSize: number;
  altered: number;
  unreadable: number;
  /** The first of those that are not as they should be. */
  bad: BadFile[];
  /** Files that no entry names. */
  orphans: number;
  orphanNames: string[];
  quarantined: number;
}

export interface MediaCheckOptions {
  dataDir: string;
  /** Reads and hashes every file, on so many threads; 0: looks at sizes only. */
  hashThreads: number;
  signal: AbortSignal;
  onProgress: (done: number, files: number) => void;
}

/** Holds a media store against its ledger, and changes neither. Rejects with the signal's reason. */
export async function checkMedia(
  reader: LedgerReader,
  { dataDir, hashThreads, signal, onProgress }: MediaCheckOptions,
): Promise<MediaFindings> {
  const store = new MediaStore(dataDir);
  const { files, bytes } = reader.media.totals();
  const found: MediaFindings = {
    ...{ files, bytes, whole: 0, purged: 0, missing: 0, wrongSize: 0, altered: 0, unreadable: 0, bad: [] },
    ...{ orphans: 0, orphanNames: [], quarantined: quarantined(dataDir) },
  };
  const threads = new HashThreads(hashThreads);
  const running = new Set<Promise<void>>();
  try {
    let done = 0;
    for (const file of reader.index.files()) {
      signal.throwIfAborted();
      if (hashThreads === 0) {
        note(found, reader, file, sizeState(store, file));
      } else {
        await threads.room();
        const path = store.path(file.digest);
        const job = threads
          .run({ files: [{ path, digest: file.digest, bytes: file.bytes }], joined: null })
          .then(({ states }) => note(found, reader, file, hashedState(store, file, states[0] as FileState)))
          .finally(() => running.delete(job));
        running.add(job);
      }
      if (++done % PROGRESS_FILES === 0) onProgress(done, files);
    }
    await Promise.all(running);
  } finally {
    await Promise.allSettled(running);
    await threads.close();
  }
  findOrphans(found, reader, store);
  return found;
}

type NamedFile = { digest: string; bytes: number; seq: number; kept: boolean };
type State = "whole" | BadFile["state"];

function sizeState(store: MediaStore, { digest, bytes }: NamedFile): State {
  const stat = statSync(store.path(digest), { throwIfNoEntry: false });
  if (stat === undefined) return "missing";
  return stat.isFile() && stat.size === bytes ? "whole" : "wrong-size";
}

/** A wrong length is told apart from wrong bytes: it needs no reading to be seen. */
function hashedState(store: MediaStore, file: NamedFile, state: FileState): State {
  return state === "altered" && sizeState(store, file) === "wrong-size" ? "wrong-size" : state;
}

function note(found: MediaFindings, reader: LedgerReader, { digest, seq }: NamedFile, state: State): void {
  switch (state) {
    case "whole":
      found.whole++;
      return;
    case "missing":
      // asked again: a running agent may have purged it since the list was read
      if (reader.media.naming(digest).every(({ purged }) => purged)) {
        found.purged++;
        return;
      }
      found.missing++;
      break;
    case "wrong-size":
      found.wrongSize++;
      break;
    case "altered":
      found.altered++;
      break;
    case "unreadable":
      found.unreadable++;
      break;
  }
  if (found.bad.length < MAX_LISTED) found.bad.push({ digest, seq, state });
}

function findOrphans(found: MediaFindings, reader: LedgerReader, store: MediaStore): void {
  for (const { name, path } of store.files()) {
    if (isMediaName(name, path) && reader.media.firstNaming(name) !== null) continue;
    found.orphans++;
    if (found.orphanNames.length < MAX_LISTED) found.orphanNames.push(name);
  }
}

function quarantined(dataDir: string): number {
  const directory = join(dataDir, "quarantine");
  return existsSync(directory) ? readdirSync(directory).length : 0;
}
