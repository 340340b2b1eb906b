import { AgentError } from "../../../../config/base/errors.ts";
import type { RecorderDriver } from "../../../../drivers/recorders/recorder-driver.ts";
import type { RecorderCheckTitle } from "../../recorder-driver.ts";
import { going } from "../calls.ts";
import type { endingChecks } from "../endings.ts";
import type { ControlsOf } from "./control.ts";

/** Checks that pull the recorder out, or whose recorder leaves by itself, and then close. */
const closedWhenGone: RecorderCheckTitle[] = [
  "goes on at the byte after an unplug, with every byte before it good",
  "is gone when it is pulled out between two calls, and back when it is plugged in",
  "restarts and switches to disk if it declares it",
];
/** Checks that close a driver themselves, before all of them do. */
const closedTwice: RecorderCheckTitle[] = [
  "closes after an unplug",
  "ends promptly when it is called off, even if the recorder hangs",
  "goes on at the byte after an unplug, with every byte before it good",
  "is gone when it is pulled out between two calls, and back when it is plugged in",
  "throws recorder-gone after close",
];

const closing = (close: (isFirst: boolean) => Promise<void>): Partial<RecorderDriver> => {
  let isFirst = true;
  return {
    close: async () => {
      const wasFirst = isFirst;
      isFirst = false;
      await close(wasFirst);
    },
  };
};

export const endingControls: ControlsOf<typeof endingChecks> = {
  "does nothing for a signal that is aborted already": [
    {
      broken: "looks at no signal",
      says: /battery/,
      seenToo: ["ends promptly when it is called off, even if the recorder hangs"],
      change: (driver) => ({ battery: () => driver.battery(going()) }),
    },
    {
      broken: "removes before it looks at the signal",
      says: /null/,
      change: (driver, { card }) => ({
        remove: async (file, signal) => {
          if (signal.aborted) card.delete(file.path);
          await driver.remove(file, signal);
        },
      }),
    },
    {
      broken: "throws an error of its own in place of the signal's reason",
      says: /clock-read/,
      change: (driver) => ({
        readClock: async (signal) => {
          if (signal.aborted) throw new AgentError("recorder-silent", "called off");
          return driver.readClock(signal);
        },
      }),
    },
  ],

  "ends promptly when it is called off, even if the recorder hangs": [
    {
      broken: "waits for the recorder after it was called off",
      says: /wearer-read: not within/,
      change: (driver) => ({
        readWearer: async (signal) => {
          signal.throwIfAborted();
          return driver.readWearer(going());
        },
      }),
    },
    {
      broken: "does not close while the recorder hangs",
      says: /close after identify: not within/,
      change: (driver, recorder) => ({
        close: () => (recorder.isHanging ? new Promise(() => {}) : driver.close()),
      }),
    },
    {
      broken: "says something else than why it was called off",
      says: /recorder-silent/,
      change: (driver) => ({
        writeWearer: async (wearer, signal) => {
          signal.throwIfAborted();
          await driver.writeWearer(wearer, signal).catch((error: unknown) => {
            throw signal.aborted ? new AgentError("recorder-silent", "called off") : error;
          });
        },
      }),
    },
  ],

  "closes without an error, as often as one likes, also when the recorder is gone": [
    {
      broken: "closes once only",
      says: /closed already/,
      seenToo: closedTwice,
      change: (driver) =>
        closing((isFirst) => {
          if (!isFirst) throw new AgentError("recorder-gone", "closed already");
          return driver.close();
        }),
    },
  ],

  "closes after an unplug": [
    {
      broken: "says goodbye to a recorder that is gone",
      says: /close: not within/,
      seenToo: closedWhenGone,
      change: (driver, recorder) =>
        closing((isFirst) => (isFirst && !recorder.isPlugged ? new Promise(() => {}) : driver.close())),
    },
  ],

  "throws recorder-gone after close": [
    {
      broken: "opens itself again",
      says: /lamp: no recorder-gone/,
      change: (driver, recorder) => ({
        showLamp: async (lamp, signal) => {
          signal.throwIfAborted();
          if (recorder.isHanging) return driver.showLamp(lamp, signal);
        },
      }),
    },
    {
      broken: "removes after it was closed",
      says: /null/,
      change: (driver, { card }) => ({
        remove: (file, signal) =>
          driver.remove(file, signal).catch((error: unknown) => {
            if (!signal.aborted && String(error).includes("recorder-gone")) card.delete(file.path);
            throw error;
          }),
      }),
    },
  ],
};
