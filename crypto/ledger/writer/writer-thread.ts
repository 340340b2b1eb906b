import { workerData } from "node:worker_threads";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { serveThread } from "../../../config/threads/thread-rpc.ts";
import { RangeSet } from "../../bytes/ranges.ts";
import type { AppendableBody, PendingMediaBody } from "../../entry/types.ts";
import { EvidenceStore } from "./evidence-store.ts";
import type { LedgerOptions } from "./options.ts";

/** Entry point of the writer thread: the evidence writer behind thread calls. */

export type WriterOperations = typeof operations;

/** After each call that changed something others may wait for. */
export interface Growth {
  size: number;
}

const options = workerData as LedgerOptions;
const evidence = EvidenceStore.open(options, { clock: systemClock, random: systemRandom });

const operations = {
  describe: () => ({
    dev: evidence.appender.deviceKey.publicKey.deviceId,
    boot: evidence.appender.boot,
    startUs: evidence.appender.startUs,
  }),
  append: (body: AppendableBody) => grown(evidence.append(body)),
  appendMedia: (body: PendingMediaBody, content: Uint8Array[]) => grown(evidence.appendMedia(body, content)),
  addReceipt: (envelope: string) => grown(evidence.custody.addReceipt(envelope)),
  addCosignatures: (size: number, lines: string[]) => evidence.custody.addCosignatures(size, lines),
  purge: (request: { seqs: [number, number][]; reason: string; policy: string; receipt: string }) =>
    grown(evidence.custody.purge({ ...request, seqs: RangeSet.of(request.seqs) })),
  checkpoint: () => grown(evidence.checkpoint()),
  close: (reason: string) => {
    clearInterval(timer);
    return grown(evidence.close(reason));
  },
  end: () => evidence.end(),
};

const emit = serveThread<Growth>(operations);

function grown<T>(value: T): T {
  emit({ size: evidence.size });
  return value;
}

let checkpointed = evidence.size;
/** The last entries before a quiet time get their checkpoint too (ledger-format §6). */
const timer = setInterval(() => {
  if (evidence.size === checkpointed) return;
  checkpointed = evidence.size;
  grown(evidence.checkpoint());
}, options.checkpointMs);
