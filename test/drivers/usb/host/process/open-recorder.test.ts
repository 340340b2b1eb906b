import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { AgentError, errorCode } from "../../../../../config/base/errors.ts";
import type {
  Listed,
  RecorderDriver,
  RecorderFile,
} from "../../../../../drivers/recorders/recorder-driver.ts";
import { asRecorderError, OpenRecorder } from "../../../../../drivers/usb/host/process/open-recorder.ts";
import type { Askable } from "../../../../../drivers/usb/host/usb-messages.ts";
import { altered } from "../../../../support/altered.ts";
import { ModelDriver, ModelRecorder } from "../../../../support/recorders/model-recorder.ts";
import { ManualClock } from "../../../../support/surroundings.ts";

const PAGE = 256;
const { signal } = new AbortController();
const file = (number: number): Listed => ({
  kind: "file",
  file: { handle: `${number}`, path: `${number}.mp4`, bytes: 1 },
});

/** An open recorder whose listing goes as `list` says; `ended` counts the listings that were ended. */
function listed(list: (signal: AbortSignal) => AsyncGenerator<Listed>) {
  let ended = 0;
  const driver = altered<RecorderDriver>(new ModelDriver(new ModelRecorder()), {
    async *list(going) {
      try {
        yield* list(going);
      } finally {
        ended++;
      }
    },
  });
  return { open: new OpenRecorder(driver, 1, new ManualClock()), ended: () => ended };
}

async function* files(count: number): AsyncGenerator<Listed> {
  for (let number = 0; number < count; number++) yield file(number);
}

/** A recorder that answers nothing until its signal aborts. */
async function* hanging(going: AbortSignal): AsyncGenerator<Listed> {
  yield file(0);
  await new Promise((_, reject) => going.addEventListener("abort", () => reject(going.reason)));
}

describe("a listing in the USB process", () => {
  it("comes in pages, and is done only with the last", async () => {
    const { open, ended } = listed(() => files(2 * PAGE + 1));
    const pages = [
      await open.listPage(7, signal),
      await open.listPage(7, signal),
      await open.listPage(7, signal),
    ];
    assert.deepEqual(
      pages.map(({ listed, done }) => [listed.length, done]),
      [
        [PAGE, false],
        [PAGE, false],
        [1, true],
      ],
    );
    assert.deepEqual(
      pages.flatMap((page) => page.listed),
      Array.from({ length: 2 * PAGE + 1 }, (_, number) => file(number)),
    );
    assert.equal(ended(), 1);
  });

  it("is never done after an error, and keeps nothing of its page", async () => {
    const { open, ended } = listed(async function* () {
      yield* files(PAGE + 10);
      throw new AgentError("usb-gone", "pulled");
    });
    assert.equal((await open.listPage(1, signal)).done, false);
    await assert.rejects(open.listPage(1, signal), { code: "recorder-gone" });
    assert.equal(ended(), 1);
    // asked again it begins anew: from the first file
    assert.deepEqual((await open.listPage(1, signal)).listed[0], file(0));
  });

  it("ends when it is not wanted any more, though the recorder hangs", async () => {
    const { open, ended } = listed(hanging);
    const page = open.listPage(1, signal);
    await turn();
    await open.endListing(1);
    await assert.rejects(page, { code: "recorder-gone" });
    assert.equal(ended(), 1);
    // a second time it is not known any more
    await open.endListing(1);
  });

  it("goes on beside others, but not beside too many", async () => {
    const { open } = listed(() => files(PAGE + 1));
    for (const number of [1, 2, 3, 4]) await open.listPage(number, signal);
    await assert.rejects(open.listPage(5, signal), { code: "recorder-listing" });
    assert.deepEqual(await open.listPage(1, signal), { listed: [file(PAGE)], done: true });
    assert.equal((await open.listPage(5, signal)).done, false);
  });

  it("ends with its link", async () => {
    const { open, ended } = listed(hanging);
    const page = open.listPage(1, signal);
    await turn();
    await open.close();
    await assert.rejects(page, { code: "recorder-gone" });
    assert.equal(ended(), 1);
  });
});

describe("questions and reads in the USB process", () => {
  const opened = (changes: Partial<RecorderDriver> = {}) => {
    const recorder = new ModelRecorder();
    recorder.put({ path: "a.mp4", bytes: Buffer.alloc(200_000, 7), modifiedMs: 0 });
    return {
      recorder,
      open: new OpenRecorder(
        altered<RecorderDriver>(new ModelDriver(recorder), changes),
        1,
        new ManualClock(),
      ),
    };
  };
  const FILE: RecorderFile = { handle: "0", path: "a.mp4", bytes: 200_000 };

  it("are asked by their names, and no other name is", async () => {
    const { open } = opened();
    assert.deepEqual(await open.ask("battery", [], signal), { percent: 80, milliVolts: 3_900 });
    for (const method of ["close", "list", "read", "constructor", "toString"])
      assert.throws(() => open.ask(method as Askable, [], signal), { code: "unsupported" });
  });

  it("tell what the link said in the words of recorders", async () => {
    for (const [said, told] of [
      ["usb-gone", "recorder-gone"],
      ["usb-timeout", "recorder-silent"],
      ["usb-stall", "recorder-answer"],
      ["usb-overflow", "recorder-answer"],
      ["usb-failed", "recorder-answer"],
      ["file-gone", "file-gone"],
      ["usb-busy", "usb-busy"],
    ] as const) {
      const fails = async () => {
        throw new AgentError(said, "endpoint 81");
      };
      const { open } = opened({ battery: fails });
      await assert.rejects(open.ask("battery", [], signal), { code: told, place: "endpoint 81" });
    }
    const odd = new Error("odd");
    assert.equal(asRecorderError(odd), odd);
  });

  it("give a read's bytes, and recorder-gone where the link is closed meanwhile", async () => {
    const { open } = opened();
    let bytes = 0;
    await assert.rejects(
      async () => {
        for await (const part of open.read(FILE, 0, FILE.bytes, signal)) {
          bytes += part.length;
          await open.close();
        }
      },
      { code: "recorder-gone" },
    );
    assert.ok(bytes > 0 && bytes < FILE.bytes, `${bytes}`);
  });

  it("end a question that waits when the link is closed", async () => {
    const { recorder, open } = opened();
    recorder.isHanging = true;
    const asked = open.ask("identify", [], signal).catch(errorCode);
    await open.close();
    assert.equal(await asked, "recorder-gone");
  });
});
