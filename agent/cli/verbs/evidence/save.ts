import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { syncDirectory, writeFully } from "../../../../config/base/durable.ts";
import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import { sha256 } from "../../../../crypto/bytes/digest.ts";
import { MediaStore } from "../../../../crypto/media/store.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { bytesText } from "../../face/units.ts";
import { words } from "../../text/words.ts";
import { dataDirOf, type Target } from "../target.ts";
import { type Chunk, findRecording, type Recording, readRecordings } from "./recordings.ts";

export interface SaveOptions extends Target {
  json?: boolean;
  force?: boolean;
  partial?: boolean;
}

type Fault = "missing" | "damaged";

interface Joined {
  chunks: number;
  bytes: number;
  leftOut: { n: number; why: Fault }[];
}

/**
 * Joins a recording's chunks into one file, each checked against the digest of its entry while it is
 * read. The file appears whole or not at all.
 */
export async function save(
  face: Face,
  start: string,
  target: string,
  options: SaveOptions,
): Promise<ExitCode> {
  const dataDir = await dataDirOf(face, options);
  const file = resolve(target);
  if (existsSync(file) && options.force !== true) throw new AgentError("file-exists", file);
  const recording = pick(await readRecordings(dataDir), start);
  const joined = writeWhole(file, (fd) => {
    const result = join(face, recording, new MediaStore(dataDir), fd);
    // without its first chunk, the initialisation segment, nothing plays
    const isUseless = result.chunks === 0 || result.leftOut.some(({ n }) => n === 0);
    if (isUseless || (result.leftOut.length > 0 && options.partial !== true)) {
      throw new AgentError(
        "recording-incomplete",
        `${recording.rec}: ${result.leftOut.map(faultText).join(", ")}`,
      );
    }
    return result;
  });
  tell(face, recording, file, joined, options.json === true);
  return 0;
}

function pick(recordings: readonly Recording[], start: string): Recording {
  const { found, matches } = findRecording(recordings, start);
  if (found === null)
    throw new AgentError(matches === 0 ? "recording-unknown" : "recording-ambiguous", start);
  if (found.chunks.some(({ sealed }) => sealed)) throw new AgentError("recording-sealed", found.rec);
  return found;
}

function join(face: Face, { chunks, stopChunks }: Recording, store: MediaStore, fd: number): Joined {
  const result: Joined = { chunks: 0, bytes: 0, leftOut: [] };
  const byNumber = new Map(chunks.map((chunk) => [chunk.n, chunk]));
  const count = Math.max(stopChunks ?? 0, ...chunks.map(({ n }) => n + 1), 0);
  for (let n = 0; n < count; n++) {
    face.progress(face.say(words.saving, { n: n + 1, chunks: count }));
    const content = contentOf(byNumber.get(n), store);
    if (typeof content === "string") {
      result.leftOut.push({ n, why: content });
      continue;
    }
    writeFully(fd, content);
    result.chunks++;
    result.bytes += content.length;
  }
  return result;
}

/** The stored bytes if they are the ones that were signed. */
function contentOf(chunk: Chunk | undefined, store: MediaStore): Buffer | Fault {
  if (chunk === undefined) return "missing";
  let content: Buffer;
  try {
    content = readFileSync(store.path(chunk.digest));
  } catch (error) {
    return errorCode(error) === "ENOENT" ? "missing" : "damaged";
  }
  return sha256(content).toString("hex") === chunk.digest ? content : "damaged";
}

/** Temporary name, fsync, rename: whoever sees the file sees all of it. */
function writeWhole<Result>(file: string, write: (fd: number) => Result): Result {
  const temporary = `${file}.${process.pid}.part`;
  const fd = openSync(temporary, "wx");
  try {
    const result = write(fd);
    fsyncSync(fd);
    renameSync(temporary, file);
    syncDirectory(dirname(file));
    return result;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

function faultText({ n, why }: { n: number; why: Fault }): string {
  return `chunk ${n} ${why}`;
}

function tell(
  face: Face,
  { rec, stopChunks }: Recording,
  file: string,
  joined: Joined,
  asJson: boolean,
): void {
  const { chunks, bytes, leftOut } = joined;
  if (asJson) {
    const left_out = leftOut.map(({ n, why }) => ({ n, reason: why }));
    face.printJson({ rec, file, chunks, bytes, left_out, open: stopChunks === null });
    return;
  }
  face.print(face.say(words.saved, { file, chunks, bytes: bytesText(bytes) }));
  for (const { n, why } of leftOut) {
    face.print(
      face.say(words.leftOut, { n, why: face.say(why === "missing" ? words.whyMissing : words.whyDamaged) }),
    );
  }
  if (stopChunks === null) face.print(face.say(words.whyOpen));
}
