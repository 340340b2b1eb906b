import { createHash, type Hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { errorCode } from "../../../../config/base/errors.ts";
import { PublicKey } from "../../../keys/ed25519.ts";

/** The two kinds of work that verification hands out, and how any thread does them. */

/** Signatures to verify, packed as `pack` does. */
export interface SignatureJob {
  kind: "signatures";
  count: number;
  buffer: ArrayBuffer;
}

/** Files to hash; if `joined` is a digest (hex), it must be that of all of them one after the other. */
export interface FileJob {
  kind: "files";
  files: { path: string; digest: string; bytes: number }[];
  joined: string | null;
}

export type Job = SignatureJob | FileJob;

export type FileState = "whole" | "missing" | "altered" | "unreadable";

/** `refused`: which of the signatures, by their place in the job; `buffer` comes back to be used again. */
export interface SignatureAnswer {
  kind: "signatures";
  refused: number[];
  buffer: ArrayBuffer;
}

/** One state a file. `joined` is false only if all are whole and their join is not what was claimed. */
export interface FileAnswer {
  kind: "files";
  states: FileState[];
  joined: boolean;
}

export type Answer = SignatureAnswer | FileAnswer;

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const HEAD_BYTES = 4 + KEY_BYTES + SIGNATURE_BYTES;
/** More than the epochs of one job: a key is parsed once. */
const MAX_KEYS = 64;
const READ_BYTES = 256 * 1024;

export interface PackedSignature {
  key: PublicKey;
  message: Uint8Array;
  signature: Uint8Array;
}

/** Writes one signature at `offset`; answers where the next goes, or -1 if it does not fit. */
export function pack(buffer: Buffer, offset: number, { key, message, signature }: PackedSignature): number {
  const end = offset + HEAD_BYTES + message.length;
  if (end > buffer.length || signature.length !== SIGNATURE_BYTES) return -1;
  buffer.writeUInt32LE(message.length, offset);
  buffer.set(key.bytes, offset + 4);
  buffer.set(signature, offset + 4 + KEY_BYTES);
  buffer.set(message, offset + HEAD_BYTES);
  return end;
}

const keys = new Map<string, PublicKey>();

export function runJob(job: Job): Answer {
  return job.kind === "signatures" ? verifySignatures(job) : hashFiles(job);
}

function verifySignatures({ count, buffer }: SignatureJob): SignatureAnswer {
  const packed = Buffer.from(buffer);
  const refused: number[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const messageBytes = packed.readUInt32LE(at);
    const keyBytes = packed.subarray(at + 4, at + 4 + KEY_BYTES);
    const signature = packed.subarray(at + 4 + KEY_BYTES, at + HEAD_BYTES);
    at += HEAD_BYTES + messageBytes;
    if (!keyOf(keyBytes).verify(packed.subarray(at - messageBytes, at), signature)) refused.push(i);
  }
  return { kind: "signatures", refused, buffer };
}

function keyOf(bytes: Buffer): PublicKey {
  const name = bytes.toString("latin1");
  let key = keys.get(name);
  if (key === undefined) {
    if (keys.size >= MAX_KEYS) keys.clear();
    key = PublicKey.of(bytes);
    keys.set(name, key);
  }
  return key;
}

function hashFiles({ files, joined }: FileJob): FileAnswer {
  const all = joined === null ? null : createHash("sha256");
  const states = files.map((file) => hashFile(file, all));
  const isJoined =
    all === null || !states.every((state) => state === "whole") || all.digest("hex") === joined;
  return { kind: "files", states, joined: isJoined };
}

let readBuffer: Buffer | null = null;

function hashFile({ path, digest, bytes }: FileJob["files"][number], all: Hash | null): FileState {
  try {
    // never waiting at a pipe that stands where a file should
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile() || stat.size !== bytes) return "altered";
      return hashDescriptor(fd, all) === digest ? "whole" : "altered";
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return "missing";
    if (typeof (error as NodeJS.ErrnoException).errno !== "number") throw error;
    return "unreadable";
  }
}

function hashDescriptor(fd: number, all: Hash | null): string {
  readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const hash = createHash("sha256");
  for (let n = readSync(fd, readBuffer); n > 0; n = readSync(fd, readBuffer)) {
    const part = readBuffer.subarray(0, n);
    hash.update(part);
    all?.update(part);
  }
  return hash.digest("hex");
}
