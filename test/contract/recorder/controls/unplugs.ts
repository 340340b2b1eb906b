import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import type { RecorderDriver } from "../../../../drivers/recorders/recorder-driver.ts";
import type { unplugChecks } from "../unplugs.ts";
import type { ControlsOf } from "./control.ts";

/** Reads, and does `atLoss` where the recorder is lost meanwhile. */
const losing = (
  driver: RecorderDriver,
  atLoss: (error: unknown) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Partial<RecorderDriver> => ({
  async *read(file, offset, length, signal) {
    let given = 0;
    try {
      for await (const part of driver.read(file, offset, length, signal)) {
        given += part.length;
        yield part;
      }
    } catch (error) {
      if (errorCode(error) !== "recorder-gone" || given === 0) throw error;
      yield* atLoss(error);
    }
  },
});

export const unplugControls: ControlsOf<typeof unplugChecks> = {
  "goes on at the byte after an unplug, with every byte before it good": [
    {
      broken: "takes an unplug for the end of the file",
      says: /unplugged at \d+: no recorder-gone/,
      change: (driver) => losing(driver, () => []),
    },
    {
      broken: "calls an unplug silence",
      says: /unplugged at \d+: .*recorder-silent/,
      change: (driver) =>
        losing(driver, () => {
          throw new AgentError("recorder-silent", "unplugged");
        }),
    },
    {
      broken: "hands out what was in its buffer",
      says: /bytes before/,
      change: (driver) =>
        losing(driver, function* (error) {
          yield Buffer.alloc(512);
          throw error;
        }),
    },
    {
      broken: "never tells of an unplug",
      says: /read: not within/,
      change: (driver) =>
        losing(driver, () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) })),
    },
  ],

  "is gone when it is pulled out between two calls, and back when it is plugged in": [
    {
      broken: "answers from memory when it is gone",
      says: /identify: no recorder-gone/,
      change: (driver, recorder) => {
        const remembered = <T>(call: Promise<T>, value: T): Promise<T> =>
          call.catch((error: unknown) => {
            if (recorder.isPlugged) throw error;
            return value;
          });
        return {
          identify: (signal) => remembered(driver.identify(signal), { serial: "M0001", model: "Model" }),
          battery: (signal) => remembered(driver.battery(signal), { percent: 80 }),
          async *list(signal) {
            if (recorder.isPlugged) yield* driver.list(signal);
          },
        };
      },
    },
    {
      broken: "is another one after an unplug",
      says: /M0001/,
      change: (driver, recorder) => {
        const insertion = opened(recorder);
        return {
          identify: async (signal) => {
            const identity = await driver.identify(signal);
            return insertion === 1 ? identity : { ...identity, serial: "M0002" };
          },
        };
      },
    },
  ],
};

const openings = new WeakMap<object, number>();

/** How often a driver was opened for it. */
function opened(recorder: object): number {
  const count = (openings.get(recorder) ?? 0) + 1;
  openings.set(recorder, count);
  return count;
}
