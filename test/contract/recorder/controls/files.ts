import { AgentError } from "../../../../config/base/errors.ts";
import type { Listed, RecorderDriver, RecorderFile } from "../../../../drivers/recorders/recorder-driver.ts";
import type { ModelRecorder } from "../../../support/recorders/model-recorder.ts";
import type { fileChecks } from "../files.ts";
import type { ControlsOf, RecorderControl } from "./control.ts";

type Entry = (listed: Listed) => Listed[];

/** Lists with each entry changed. */
const listing =
  (change: Entry) =>
  (driver: RecorderDriver): Partial<RecorderDriver> => ({
    async *list(signal) {
      for await (const one of driver.list(signal)) yield* change(one);
    },
  });

const files = (change: (file: RecorderFile) => RecorderFile): Entry => {
  return (one) => [one.kind === "file" ? { kind: "file", file: change(one.file) } : one];
};

const isAt = (path: string, one: Listed) => one.kind === "file" && one.file.path === path;

const ghost: Listed = { kind: "file", file: { handle: "ghost", path: "ghost.mp4", bytes: 1 } };

/** Reads with other bounds. */
const reading =
  (bounds: (file: RecorderFile, offset: number, length: number) => [number, number]) =>
  (driver: RecorderDriver): Partial<RecorderDriver> => ({
    read: (file, offset, length, signal) => driver.read(file, ...bounds(file, offset, length), signal),
  });

const sourced = (path: string) => () => ({ sourceOf: () => ({ kind: "path" as const, path }) });

/** Removes what `victim` names, if the recorder still answers. */
const removing =
  (victim: (file: RecorderFile, recorder: ModelRecorder) => boolean | undefined) =>
  (driver: RecorderDriver, recorder: ModelRecorder): Partial<RecorderDriver> => ({
    remove: async (file, signal) => {
      await driver.identify(signal);
      for (const [path, stored] of recorder.card) {
        if (path === file.path && victim(file, recorder) && recorder.card.delete(stored.path)) return;
      }
      throw new AgentError("file-gone", file.path);
    },
  });

const whole = "reads every file whole";
const exact = "reads exactly the bytes from any offset, and none beyond the end";
const unplugged = "goes on at the byte after an unplug, with every byte before it good";

const misreading: readonly [RecorderControl, ...RecorderControl[]] = [
  {
    broken: "gives a byte more than was asked for",
    says: /"offset":0,"length":0/,
    change: reading((_, offset, length) => [offset, length + 1]),
  },
  {
    broken: "knows offsets of 16 bits only",
    says: /"offset":\d{5,}/,
    seenToo: [unplugged],
    change: reading((_, offset, length) => [offset & 0xffff, length]),
  },
  {
    broken: "fills up behind the end",
    says: /Property failed/,
    seenToo: [unplugged],
    change: (driver) => ({
      async *read(file, offset, length, signal) {
        yield* driver.read(file, offset, length, signal);
        if (offset + length > file.bytes && length > 0) yield Buffer.alloc(1);
      },
    }),
  },
];

export const fileControls: ControlsOf<typeof fileChecks> = {
  "lists each file once, harmless in path and true in size": [
    {
      broken: "lists a file twice",
      says: /stands for two files/,
      change: listing((one) => [one, one]),
    },
    {
      broken: "rings the bell of whoever shows a name",
      says: /not harmless/,
      change: listing(files((file) => ({ ...file, path: file.path.replace("说明", "\u0007") }))),
    },
    {
      broken: "passes over a name in Chinese",
      says: /deep-equal[\s\S]*说明/,
      change: listing((one) => (isAt("收件/说明 1.txt", one) ? [] : [one])),
    },
    {
      broken: "tells a time an hour off",
      says: /equal[\s\S]*DCIM|DCIM/,
      change: listing(files((file) => ({ ...file, modifiedMs: (file.modifiedMs ?? 0) + 3_600_000 }))),
    },
    {
      broken: "skips for a reason of its own",
      says: /no-idea/,
      seenToo: ["lists an empty card"],
      change: (driver) => ({
        async *list(signal) {
          yield* driver.list(signal);
          yield { kind: "skipped", path: "odd", reason: "no-idea" } as unknown as Listed;
        },
      }),
    },
  ],

  "lists an empty card": [
    {
      broken: "lists a file that is not there",
      says: /ghost\.mp4/,
      seenToo: [
        "lists each file once, harmless in path and true in size",
        "removes the very file and no other",
      ],
      change: (driver) => ({
        async *list(signal) {
          yield* driver.list(signal);
          yield ghost;
        },
      }),
    },
  ],

  "lists again, the same": [
    {
      broken: "leaves out the second time what it has told",
      says: /deep-equal[\s\S]*A\/one\.mp4/,
      change: (driver) => {
        let listings = 0;
        return {
          async *list(signal) {
            const isSecond = listings++ === 1;
            for await (const one of driver.list(signal)) if (!isSecond || !isAt("A/one.mp4", one)) yield one;
          },
        };
      },
    },
  ],

  [exact]: misreading,

  [whole]: [
    {
      broken: "turns a bit of what is read whole",
      says: /DCIM/,
      seenToo: [exact, unplugged],
      change: (driver) => ({
        async *read(file, offset, length, signal) {
          for await (const part of driver.read(file, offset, length, signal)) {
            const copy = Buffer.from(part);
            if (offset === 0 && length === file.bytes) copy.writeUInt8(copy.readUInt8(0) ^ 1, 0);
            yield copy;
          }
        },
      }),
    },
  ],

  "goes on after a reader that left early, and serves two at once": [
    {
      broken: "stays busy with a reader that left",
      says: /recorder-answer: busy/,
      change: (driver) => {
        let isBusy = false;
        return {
          async *read(file, offset, length, signal) {
            if (isBusy) throw new AgentError("recorder-answer", "busy");
            isBusy = true;
            yield* driver.read(file, offset, length, signal);
            isBusy = false;
          },
        };
      },
    },
    {
      broken: "answers nothing while a file is read",
      says: /a question while a file is read: not within/,
      change: (driver) => {
        let isReading = false;
        return {
          async *read(file, offset, length, signal) {
            isReading = true;
            try {
              yield* driver.read(file, offset, length, signal);
            } finally {
              isReading = false;
            }
          },
          identify: (signal) => (isReading ? new Promise(() => {}) : driver.identify(signal)),
        };
      },
    },
  ],

  "gives a source that is read by, or none": [
    {
      broken: "gives a source that no thread can be handed",
      says: /could not be cloned/,
      change: () => ({ sourceOf: () => ({ kind: "path", path: "/", read: () => {} }) as never }),
    },
    {
      broken: "names another file as its source",
      says: /other bytes/,
      change: sourced("/proc/version"),
    },
  ],

  "reads nothing of another file that took the place of the one listed": [
    {
      broken: "reads whatever has the name",
      says: /read: no file-gone/,
      change: (driver, { card }) => ({
        async *read(file, offset, length, signal) {
          const stored = card.get(file.path);
          if (stored === undefined) throw new AgentError("file-gone", file.path);
          const now = { ...file, handle: stored.handle, bytes: stored.bytes.length };
          yield* driver.read(now, offset, Math.min(length, file.bytes - offset), signal);
        },
      }),
    },
    {
      broken: "hands out the bytes before it looks",
      says: /1 !== 0|actual[\s\S]*expected/,
      change: (driver, { card }) => ({
        async *read(file, offset, length, signal) {
          const stored = card.get(file.path);
          if (stored !== undefined && stored.handle !== file.handle) yield stored.bytes;
          yield* driver.read(file, offset, length, signal);
        },
      }),
    },
  ],

  "removes the very file and no other": [
    {
      broken: "says that it is removed, and removes nothing",
      says: /null/,
      change: (driver, { card }) => ({
        remove: async (file, signal) => {
          await driver.identify(signal);
          if (card.get(file.path)?.handle !== file.handle || card.get(file.path)?.bytes.length !== file.bytes)
            throw new AgentError("file-gone", file.path);
        },
      }),
    },
    {
      broken: "removes the folder",
      says: /null[\s\S]*Uint8Array|Buffer/,
      change: (driver, { card }) => ({
        remove: async (file, signal) => {
          await driver.remove(file, signal);
          const folder = file.path.split("/")[0] ?? "";
          for (const path of card.keys()) if (path.startsWith(folder)) card.delete(path);
        },
      }),
    },
    {
      broken: "is content with a file that is gone",
      says: /a second time: no file-gone/,
      change: (driver, { card }) => ({
        remove: async (file, signal) => {
          if (card.has(file.path)) await driver.remove(file, signal);
          else await driver.identify(signal);
        },
      }),
    },
  ],

  "keeps a file that has another length than the one listed": [
    {
      broken: "removes whatever has the name and the time",
      says: /remove: no file-gone/,
      change: removing(({ path, modifiedMs }, { card }) => card.get(path)?.modifiedMs === modifiedMs),
    },
    {
      broken: "believes the handle, whatever is claimed with it",
      says: /a wrong claim|remove: no file-gone/,
      change: removing(({ path, handle }, { card }) => card.get(path)?.handle !== undefined && handle !== ""),
      seenToo: ["keeps another file of the same name and length"],
    },
  ],

  "keeps another file of the same name and length": [
    {
      broken: "removes whatever has the name and the length",
      says: /remove: no file-gone/,
      change: removing(({ path, bytes }, { card }) => card.get(path)?.bytes.length === bytes),
    },
  ],
};
