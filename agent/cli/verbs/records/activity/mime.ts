import { extname } from "node:path";
import { AgentError } from "../../../../../config/base/errors.ts";

interface Kind {
  mime: string;
  extensions: readonly string[];
  /** What it begins with. */
  magic: string;
  /** Of a ZIP archive, the part that makes it this kind; the directory at its end names it (APPNOTE 4.3.12). */
  part?: string;
}

const ZIP = "PK\u0003\u0004";
/** What a document may be: by the bytes that it begins and ends with, and the extension. */
const KINDS: readonly Kind[] = [
  { mime: "application/pdf", extensions: [".pdf"], magic: "%PDF-" },
  {
    mime: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    extensions: [".docx"],
    magic: ZIP,
    part: "word/document.xml",
  },
  {
    mime: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    extensions: [".xlsx"],
    magic: ZIP,
    part: "xl/workbook.xml",
  },
  { mime: "application/ofd", extensions: [".ofd"], magic: ZIP, part: "OFD.xml" },
  { mime: "image/jpeg", extensions: [".jpg", ".jpeg"], magic: "\u00ff\u00d8\u00ff" },
  { mime: "image/png", extensions: [".png"], magic: "\u0089PNG\r\n" },
];
const TEXT = [".txt", ".md", ".csv"];

/** Media type of a document. Throws `document-kind` where name and content do not agree, or nothing is known. */
export function mimeOf(file: string, head: Uint8Array, tail: Uint8Array): string {
  const extension = extname(file).toLowerCase();
  const [start, end] = [head, tail].map((bytes) => Buffer.from(bytes).toString("latin1")) as [string, string];
  const kind = KINDS.find(({ extensions }) => extensions.includes(extension));
  if (kind !== undefined && start.startsWith(kind.magic) && end.includes(kind.part ?? "")) return kind.mime;
  if (TEXT.includes(extension) && !start.includes("\0")) return "text/plain";
  throw new AgentError("document-kind", file);
}
