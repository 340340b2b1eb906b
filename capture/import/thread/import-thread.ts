import { workerData } from "node:worker_threads";
import { AgentError } from "../../../config/base/errors.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { serveThread } from "../../../config/threads/thread-rpc.ts";
import { Blocks } from "../../../crypto/media/blocks.ts";
import { parseRecipient } from "../../../crypto/media/seal.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import type { ByteSource } from "../../../drivers/recorders/recorder-driver.ts";
import type { ImportThreadOptions } from "../steps.ts";
import { type ByteReader, PathReader } from "./byte-reader.ts";
import { FileDigest } from "./file-digest.ts";
import { FileImport, type FileImportParts } from "./file-import.ts";

/** Entry point of an import thread: files on their way into the store, by the numbers that the caller gave them. */

export type ImportOperations = typeof operations;

const { dataDir, keepFreeBytes, recipients, chunkBytes } = workerData as ImportThreadOptions;
const parts: FileImportParts = {
  store: new MediaStore(dataDir),
  blocks: new Blocks(),
  random: systemRandom,
  keepFreeBytes,
  recipients: recipients.map(parseRecipient),
  chunkBytes,
};
const imports = new Map<number, FileImport>();
const digests = new Map<number, FileDigest>();

const operations = {
  open: async (id: number, order: { rec: string; bytes: number }, source: ByteSource) => {
    imports.set(id, new FileImport(order, await readerOf(source), parts));
  },
  attach: async (id: number, source: ByteSource) => file(id).attach(await readerOf(source)),
  step: (id: number) => file(id).step(),
  interrupt: (id: number) => imports.get(id)?.interrupt(),
  seal: (id: number) => file(id).seal(),
  drop: (id: number) => {
    imports.get(id)?.drop();
    imports.delete(id);
  },
  openDigest: async (id: number, bytes: number, source: ByteSource) => {
    const reader = await readerOf(source);
    // what a wipe is decided by is what lies on the card, not what was read from it before
    if (reader instanceof PathReader) reader.forgetCached();
    digests.set(id, new FileDigest(bytes, reader, chunkBytes));
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

async function readerOf(source: ByteSource): Promise<ByteReader> {
  switch (source.kind) {
    case "path":
      return new PathReader(source);
    case "socket": {
      // with all that sockets need: not loaded by a thread that reads cards alone
      const { SocketReader } = await import("./socket-reader.ts");
      return new SocketReader(source);
    }
  }
}
