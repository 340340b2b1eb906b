import { createHash, type Hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { AgentError } from "../../../config/base/errors.ts";

/**
 * A bundle of format `verity`: squashfs, the digests of its blocks as a dm-verity tree, a CMS signature around the
 * manifest, and the signature's length in 8 bytes. The manifest names the tree's root, salt and length. RAUC leaves
 * looking at the payload to the kernel, block by block while it installs: what is damaged is found here before
 * anything is written. (rauc.readthedocs.io, "Bundle Formats"; kernel, admin-guide/device-mapper/verity.)
 */

const BLOCK_BYTES = 4096;
const READ_BYTES = 64 * BLOCK_BYTES;
const LENGTH_BYTES = 8;
const DIGEST_BYTES = 32;
const MAX_SIGNATURE_BYTES = 1024 * 1024;

interface Tree {
  readonly root: string;
  readonly salt: Buffer;
  readonly bytes: number;
}

/** The version that a bundle's manifest names, its signature not looked at. Throws `bundle-missing`, `bundle-damaged`. */
export function claimedVersion(path: string): string {
  return withTail(path, ({ manifest }) => {
    const version = /\nversion=(\S{1,32})\n/.exec(manifest)?.[1];
    if (version === undefined) throw damaged(path, "no version");
    return version;
  });
}

/** Throws `bundle-damaged` when the payload is not what the manifest vouches for, or when that vouches for none. */
export function checkPayload(path: string): void {
  withTail(path, ({ fd, manifest, treeEnd }) => {
    const { root, salt, bytes } = treeOf(manifest, path);
    const dataBytes = treeEnd - bytes;
    if (dataBytes <= 0 || dataBytes % BLOCK_BYTES !== 0) throw damaged(path, "its length");
    const levels = levelsOf(fd, dataBytes, salt, path);
    const top = levels.at(-1) as Buffer;
    if (top.toString("hex") !== root) throw damaged(path, "its content");
    // the kernel reads the tree from its root on
    const stored = Buffer.concat(levels.slice(0, -1).reverse().map(padded));
    if (!stored.equals(read(fd, dataBytes, bytes, path))) throw damaged(path, "its digests");
  });
}

/** What stands behind a bundle's payload: `manifest`, and other bytes around it. */
interface Tail {
  fd: number;
  manifest: string;
  /** Where the payload ends, its digests included. */
  treeEnd: number;
}

function withTail<Result>(path: string, use: (tail: Tail) => Result): Result {
  const fd = open(path);
  try {
    const { size } = fstatSync(fd);
    const signatureBytes = Number(read(fd, size - LENGTH_BYTES, LENGTH_BYTES, path).readBigUInt64BE());
    if (signatureBytes > MAX_SIGNATURE_BYTES) throw damaged(path, "its signature is too long");
    const treeEnd = size - LENGTH_BYTES - signatureBytes;
    const manifest = read(fd, treeEnd, signatureBytes, path).toString("latin1");
    return use({ fd, manifest, treeEnd });
  } finally {
    closeSync(fd);
  }
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw new AgentError("bundle-missing", path, { cause });
  }
}

function treeOf(manifest: string, path: string): Tree {
  const value = (key: string) => new RegExp(`\\n${key}=([0-9a-f]{1,64})\\n`).exec(manifest)?.[1];
  const [root, salt, bytes] = [value("verity-hash"), value("verity-salt"), value("verity-size")];
  if (root === undefined || salt === undefined || bytes === undefined)
    throw damaged(path, "not of format verity");
  return { root, salt: Buffer.from(salt, "hex"), bytes: Number(bytes) };
}

/** Digests of the data's blocks, of the blocks of these digests, and so on to the one digest of all. */
function levelsOf(fd: number, dataBytes: number, salt: Buffer, path: string): Buffer[] {
  const salted = createHash("sha256").update(salt);
  const first: Buffer = Buffer.alloc((dataBytes / BLOCK_BYTES) * DIGEST_BYTES);
  for (let at = 0; at < dataBytes; at += READ_BYTES) {
    const piece = read(fd, at, Math.min(READ_BYTES, dataBytes - at), path);
    digests(piece, salted).copy(first, (at / BLOCK_BYTES) * DIGEST_BYTES);
  }
  const levels = [first];
  for (let last = first; last.length > DIGEST_BYTES; levels.push(last)) last = digests(padded(last), salted);
  return levels;
}

function digests(blocks: Buffer, salted: Hash): Buffer {
  const all: Buffer[] = [];
  for (let at = 0; at < blocks.length; at += BLOCK_BYTES)
    all.push(
      salted
        .copy()
        .update(blocks.subarray(at, at + BLOCK_BYTES))
        .digest(),
    );
  return Buffer.concat(all);
}

function padded(level: Buffer): Buffer {
  return Buffer.concat([level, Buffer.alloc(-level.length & (BLOCK_BYTES - 1))]);
}

function read(fd: number, position: number, length: number, path: string): Buffer {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const count = position < 0 ? 0 : readSync(fd, bytes, done, length - done, position + done);
    if (count === 0) throw damaged(path, "its end is missing");
    done += count;
  }
  return bytes;
}

function damaged(path: string, what: string): AgentError {
  return new AgentError("bundle-damaged", `${path}: ${what}`);
}
