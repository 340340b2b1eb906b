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

/** A document's name as every file system takes it; it leads to no other folder. */
export function fileNameOf(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, "_").replace(/^\.+/, "_");
  let short = "";
  for (const letter of plain) {
    if (Buffer.byteLength(short + letter) > MAX_NAME_BYTES) break;
    short += letter;
  }
  return short === "" ? "_" : short;
}
