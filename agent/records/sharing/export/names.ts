import { extname } from "node:path";
import type { RecordingStart } from "../../../../crypto/entry/recording-types.ts";

/** Names of files in an exported folder; they follow from the entries alone. */

export const TEMPLATE = "template.toml";

export function documentFile({ seq, name }: { seq: number; name: string }): string {
  return `documents/${seq}-${fileNameOf(name)}`;
}

/** With the ending of the camera's own file, for what was read from a card. */
export function recordingFile(rec: string, source: RecordingStart["source"] | undefined): string {
  if (source === undefined) return `recordings/${rec}.mp4`;
  const extension = extname(source.path).toLowerCase();
  return `recordings/${rec}${/^\.[a-z0-9]{1,8}$/.test(extension) ? extension : ".bin"}`;
}

export function photoFile(rec: string, { seq, mime }: { seq: number; mime: string }): string {
  return `recordings/${rec}-${seq}.${mime === "image/png" ? "png" : "jpg"}`;
}

const MAX_NAME_BYTES = 180;
const EXTENSION = /\.[A-Za-z0-9]{1,8}$/;
/** Windows drops them, and the folder would not have the file that `digests` names. */
const TRAILING = /[\s.]+$/u;

/**
 * A document's name as every file system takes it; it leads to no other folder. A long one is cut before its
 * extension, without which nobody could open it.
 */
export function fileNameOf(name: string): string {
  const plain = name
    .replace(/[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, "_")
    .replace(/^\.+/, "_")
    .replace(TRAILING, "_");
  if (Buffer.byteLength(plain) <= MAX_NAME_BYTES) return plain === "" ? "_" : plain;
  const [extension = ""] = EXTENSION.exec(plain) ?? [];
  return cutTo(plain, MAX_NAME_BYTES - extension.length - 1).replace(TRAILING, "_") + extension;
}

function cutTo(text: string, bytes: number): string {
  let short = "";
  for (const letter of text) {
    if (Buffer.byteLength(short + letter) > bytes) break;
    short += letter;
  }
  return short;
}
