import iconv from "iconv-lite";
import { AgentError } from "../../../config/base/errors.ts";

/**
 * Text of a field of fixed width: GBK up to the first NUL or the end of the field, blanks at the end taken off.
 * What is no letter becomes U+FFFD: a claim may be odd, and is still told.
 */
export function readGbk(field: Uint8Array): string {
  const end = field.indexOf(0);
  const bytes = Buffer.from(end < 0 ? field : field.subarray(0, end));
  return iconv
    .decode(bytes, "gbk")
    .replace(/[\p{Cc}\p{Cs}]/gu, "\uFFFD")
    .trimEnd();
}

/**
 * `text` in GBK, filled up with NUL to `width` bytes. Throws `wearer-unfit` for letters that GBK lacks, for
 * control characters and blanks at the end, which would not come back, and for what is too long: a Chinese letter
 * has two bytes, and is never cut.
 */
export function writeGbk(text: string, width: number, place: string): Uint8Array {
  const bytes = iconv.encode(text, "gbk");
  if (/\p{Cc}/u.test(text) || text !== text.trimEnd() || iconv.decode(bytes, "gbk") !== text)
    throw new AgentError("wearer-unfit", `${place}: letters that GBK cannot hold`);
  if (bytes.length > width)
    throw new AgentError(
      "wearer-unfit",
      `${place}: ${bytes.length} bytes in GBK, the recorder holds ${width}`,
    );
  const field = new Uint8Array(width);
  field.set(bytes);
  return field;
}
