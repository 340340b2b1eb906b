import { setFlagsFromString } from "node:v8";
import { systemClock } from "../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { serveThread } from "../../../config/threads/thread-rpc.ts";
import { RangeSet } from "../../bytes/ranges.ts";
import type { AppendableBody, PendingMediaBody } from "../../entry/types.ts";
import type { ClockVoucher } from "./clock-origin.ts";
import { EvidenceStore } from "./evidence-store.ts";
import type { LedgerOptions } from "./options.ts";

/** Entry point of the writer thread: the evidence store behind thread calls. */

// each signature leaves thousands of small arrays behind: V8 freeing them in another thread while this one asks
// for more costs as much as the signature itself. Whoever lets V8 do it in its pauses signs in half the time.
setFlagsFromString("--no-concurrent-array-buffer-sweeping");

export type WriterOperations = typeof operations;

/** After each call that changed something others may wait for. */
export interface Growth {
  size: number;
}

let store: EvidenceStore | null = null;
let checkpointTimer: NodeJS.Timeout | undefined;

const operations = {
  open: (options: LedgerOptions) => {
    store = EvidenceStore.open(options, { clock: systemClock, random: systemRandom });
    checkpointTimer = keepCheckpoints(store, options.checkpointMs);
    const { deviceKey, boot, startUs } = store.appender;
    return { dev: deviceKey.publicKey.deviceId, boot, startUs };
  },
  append: (body: AppendableBody) => grown(evidence().append(body)),
  appendMedia: (body: PendingMediaBody, content: Uint8Array[]) =>
    grown(evidence().appendMedia(body, content)),
  appendStored: (bodies: AppendableBody[]) => grown(evidence().appendStored(bodies)),
  addReceipt: (envelope: string) => grown(evidence().custody.addReceipt(envelope)),
  addCosignatures: (size: number, lines: string[]) => evidence().custody.addCosignatures(size, lines),
  purge: (request: { seqs: [number, number][]; reason: string; policy: string; receipt: string }) =>
    grown(evidence().custody.purge({ ...request, seqs: RangeSet.of(request.seqs) })),
  vouchClock: (voucher: ClockVoucher) => evidence().vouchClock(voucher),
  answer: () => undefined,
  checkpoint: () => grown(evidence().checkpoint()),
  close: (reason: string) => {
    clearInterval(checkpointTimer);
    return grown(evidence().close(reason));
  },
  end: () => evidence().end(),
};

const emit = serveThread<Growth>(operations);

function evidence(): EvidenceStore {
  if (store === null) throw new AgentError("ledger-closed", "not opened");
  return store;
}

function grown<T>(value: T): T {
  emit({ size: evidence().size });
  return value;
}

/** The last entries before a quiet time get their checkpoint too (ledger-format §6). */
function keepCheckpoints(opened: EvidenceStore, checkpointMs: number): NodeJS.Timeout {
  let checkpointed = opened.size;
  return setInterval(() => {
    if (opened.size === checkpointed) return;
    try {
      grown(opened.checkpoint());
      checkpointed = opened.size;
    } catch (error) {
      // tried again the next time: whoever appends meanwhile is told
      if (errorCode(error) !== "disk-full") throw error;
    }
  }, checkpointMs);
}
