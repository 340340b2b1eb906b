import type { Clock } from "../../../../config/base/clock.ts";
import { errorCode } from "../../../../config/base/errors.ts";
import type { UsbLink } from "../../../usb/usb-link.ts";
import { CONTAINER, decodeHeader } from "../protocol/container.ts";
import type { BulkPipe, Endpoints } from "./bulk-pipe.ts";

/** Class requests of USB still image §5.2. */
const CANCEL = { requestType: 0x21, request: 0x64 };
const DEVICE_STATUS = { requestType: 0xa1, request: 0x67 };
const CANCELLATION_CODE = 0x4001;
const STATUS_OK = 0x2001;
const MAX_STATUS_BYTES = 32;

/** What little is left of an answer is taken in sooner than called off. */
const DRAIN_BYTES = 2 * 1024 * 1024;
const DRAIN_TRANSFER_BYTES = 64 * 1024;
const REQUEST_MS = 500;
const STATUS_POLLS = 10;
const STATUS_PAUSE_MS = 50;
const QUIET_MS = 100;

export interface Broken {
  link: UsbLink;
  pipe: BulkPipe;
  endpoints: Endpoints;
  clock: Clock;
  transactionId: number;
  /** Data that the device is still to send; null: unknown, or not to be relied on. */
  leftBytes: number | null;
}

/**
 * Brings device and host together again after a transaction that was left in the middle: takes in the rest if
 * it is small, else cancels (§5.2.1), else resets. Says `clean`, `reset` when the device has forgotten its
 * session, or `lost`; never throws.
 */
export async function recover(broken: Broken): Promise<"clean" | "reset" | "lost"> {
  try {
    if (broken.leftBytes !== null && broken.leftBytes <= DRAIN_BYTES && (await finished(broken)))
      return "clean";
    if (await cancelled(broken)) return "clean";
    await broken.link.reset();
    await broken.pipe.forget();
    return "reset";
  } catch {
    await broken.pipe.forget();
    return "lost";
  }
}

/** Takes in what is left up to the response. */
async function finished({ pipe, transactionId, clock }: Broken): Promise<boolean> {
  const endUs = clock.monoUs() + 2 * REQUEST_MS * 1000;
  for (let drained = 0; drained <= DRAIN_BYTES + DRAIN_TRANSFER_BYTES && clock.monoUs() < endUs; ) {
    const transfer = await soon(pipe.next(DRAIN_TRANSFER_BYTES, REQUEST_MS), clock, REQUEST_MS);
    if (transfer === null) return false;
    drained += transfer.bytes.length;
    // the end of data that left no gap to the response
    const header = decodeHeader(transfer.bytes.subarray(-12));
    if (transfer.short && header?.type === CONTAINER.response && header.transaction === transactionId)
      return true;
  }
  return false;
}

async function cancelled({ link, pipe, endpoints, clock, transactionId }: Broken): Promise<boolean> {
  const index = endpoints.interfaceNumber;
  const request = Buffer.alloc(6);
  request.writeUInt16LE(CANCELLATION_CODE, 0);
  request.writeUInt32LE(transactionId >>> 0, 2);
  try {
    await link.controlOut({ ...CANCEL, value: 0, index }, request, REQUEST_MS);
    for (let poll = 0; poll < STATUS_POLLS; poll++) {
      const status = await link.controlIn(
        { ...DEVICE_STATUS, value: 0, index },
        MAX_STATUS_BYTES,
        REQUEST_MS,
      );
      if (status.length >= 4 && Buffer.from(status).readUInt16LE(2) === STATUS_OK)
        return await quiet(pipe, clock);
      await link.clearHalt(endpoints.bulkIn);
      await link.clearHalt(endpoints.bulkOut);
      await clock.sleep(STATUS_PAUSE_MS);
    }
  } catch (error) {
    // a device without these requests stalls them; one that is gone cannot be reset either
    if (errorCode(error) === "usb-gone") throw error;
  }
  return false;
}

/** Whether nothing comes any more. */
async function quiet(pipe: BulkPipe, clock: Clock): Promise<boolean> {
  for (let drained = 0; drained <= DRAIN_BYTES; ) {
    const transfer = await soon(pipe.next(DRAIN_TRANSFER_BYTES, QUIET_MS), clock, 4 * QUIET_MS);
    if (transfer === null) return pipe.idle;
    drained += transfer.bytes.length;
  }
  return false;
}

/** What comes within `limitMs`; null: nothing does. */
async function soon<T>(coming: Promise<T>, clock: Clock, limitMs: number): Promise<T | null> {
  const waiting = new AbortController();
  const late = clock.sleep(limitMs, waiting.signal).then(
    () => null,
    () => null,
  );
  const came = coming.catch((error: unknown) => {
    if (errorCode(error) === "usb-gone") throw error;
    return null;
  });
  try {
    return await Promise.race([came, late]);
  } finally {
    waiting.abort();
  }
}
