import { workerData } from "node:worker_threads";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { serveThread } from "../../../config/threads/thread-rpc.ts";
import type { StoreOptions } from "../options.ts";
import { Desk } from "./desk.ts";
import type { DeviceBatch } from "./letters.ts";

/** Entry point of the receiver's writer thread: the store behind thread calls. */

export type DeskOperations = typeof operations;

let desk: Desk | null = null;
let last: Promise<unknown> = Promise.resolve();

/** One after the other, in the order of the calls: the next may already wait here. */
function inTurn<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
  const done = last.then(() => work(desk as Desk));
  last = done.catch(() => {});
  return done;
}

const operations = {
  /** First of all: its errors reach the caller with their code. */
  open: () => {
    desk = Desk.open(workerData as StoreOptions, systemClock, systemRandom);
    return desk.vkeys;
  },
  handle: (batches: DeviceBatch[]) => inTurn((store) => store.handle(batches)),
  tick: () => inTurn((store) => store.tick()),
  /** That the thread can. */
  answer: () => {},
  close: () => inTurn(async (store) => store.close()),
};

serveThread(operations);
