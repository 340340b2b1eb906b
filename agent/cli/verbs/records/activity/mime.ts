import { extname } from "node:path";
import { AgentError } from "../../../../../config/base/errors.ts";

/** What a document may be: by the bytes that it begins with, the extension telling apart what begins alike. */
const KINDS: readonly { mime: string; extensions: readonly string[]; magic: readonly string[] }[] = [
  { mime: "application/pdf", extensions: [".pdf"], magic: ["%PDF-"] },
  {
    mime: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    extensions: [".docx"],
    magic: ["PK\u0003\u0004"],
  },
  {
    mime: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    extensions: [".xlsx"],
    magic: ["PK\u0003\u0004"],
  },
  { mime: "application/ofd", extensions: [".ofd"], magic: ["PK\u0003\u0004"] },
  { mime: "image/jpeg", extensions: [".jpg", ".jpeg"], magic: ["\u00ff\u00d8\u00ff"] },
  { mime: "image/png", extensions: [".png"], magic: ["\u0089PNG\r\n"] },
];
const TEXT = [".txt", ".md", ".csv"];

/** Media type of a document. Throws `document-kind` where name and content do not agree, or nothing is known. */
export function mimeOf(file: string, head: Uint8Array): string {
  const extension = extname(file).toLowerCase();
  const start = Buffer.from(head).toString("latin1");
  const kind = KINDS.find(({ extensions }) => extensions.includes(extension));
  if (kind?.magic.some((magic) => start.startsWith(magic)) === true) return kind.mime;
  if (TEXT.includes(extension) && !start.includes("\0")) return "text/plain";
  throw new AgentError("document-kind", file);
}
