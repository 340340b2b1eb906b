import { workerData } from "node:worker_threads";
import { AgentError } from "../../../config/base/errors.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { serveThread } from "../../../config/threads/thread-rpc.ts";
import { parseRecipient } from "../../../crypto/media/seal.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import type { ByteSource } from "../../../drivers/recorders/recorder-driver.ts";
import type { ImportThreadOptions } from "../steps.ts";
import { type ByteReader, PathReader } from "./byte-reader.ts";
import { FileDigest } from "./file-digest.ts";
import { FileImport, type FileImportParts } from "./file-import.ts";
import { SocketReader } from "./socket-reader.ts";

/** Entry point of an import thread: files on their way into the store, by the numbers that the caller gave them. */

export type ImportOperations = typeof operations;

const { dataDir, keepFreeBytes, recipients, chunkBytes } = workerData as ImportThreadOptions;
const parts: FileImportParts = {
  store: new MediaStore(dataDir),
  random: systemRandom,
  keepFreeBytes,
  recipients: recipients.map(parseRecipient),
  chunkBytes,
};
const imports = new Map<number, FileImport>();
const digests = new Map<number, FileDigest>();

const operations = {
  open: (id: number, order: { rec: string; bytes: number }, source: ByteSource) => {
    imports.set(id, new FileImport(order, readerOf(source), parts));
  },
  attach: (id: number, source: ByteSource) => file(id).attach(readerOf(source)),
  step: (id: number) => file(id).step(),
  interrupt: (id: number) => imports.get(id)?.interrupt(),
  seal: (id: number) => file(id).seal(),
  drop: (id: number) => {
    imports.get(id)?.drop();
    imports.delete(id);
  },
  openDigest: (id: number, bytes: number, source: ByteSource) => {
    digests.set(id, new FileDigest(bytes, readerOf(source), chunkBytes));
  },
  digestStep: (id: number) => {
    const digest = digests.get(id);
    if (digest === undefined) throw new AgentError("import-unknown", `digest ${id}`);
    return digest.step();
  },
  dropDigest: (id: number) => {
    digests.get(id)?.drop();
    digests.delete(id);
  },
};

serveThread(operations);

function file(id: number): FileImport {
  const found = imports.get(id);
  if (found === undefined) throw new AgentError("import-unknown", `file ${id}`);
  return found;
}

function readerOf(source: ByteSource): ByteReader {
  switch (source.kind) {
    case "path":
      return new PathReader(source);
    case "socket":
      return new SocketReader(source);
  }
}
