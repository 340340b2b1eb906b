import iconv from "iconv-lite";
import { claimedPath } from "../claimed-path.ts";

/**
 * The raw bytes of a path below a card's root as a claim: each name is read as UTF-8, else as GBK, which recorders
 * write short names in, else its bytes beyond ASCII become `%XX`.
 */
export function claimOf(path: Uint8Array): string {
  const names: string[] = [];
  for (let start = 0; start <= path.length; ) {
    const slash = path.indexOf(SLASH, start);
    const end = slash < 0 ? path.length : slash;
    names.push(readName(path.subarray(start, end)));
    start = end + 1;
  }
  return claimedPath(names.join("/"));
}

const SLASH = 0x2f;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readName(name: Uint8Array): string {
  try {
    return utf8.decode(name);
  } catch {
    const bytes = Buffer.from(name);
    const text = iconv.decode(bytes, "gbk");
    // GBK is believed only where writing it again gives the same bytes
    if (iconv.encode(text, "gbk").equals(bytes)) return text;
    return bytes.toString("latin1").replace(/[^ -~]/g, (byte) => {
      return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
    });
  }
}
