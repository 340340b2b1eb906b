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
