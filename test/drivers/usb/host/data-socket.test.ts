import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { AgentError } from "../../../../config/base/errors.ts";
import type { RecorderFile } from "../../../../drivers/recorders/recorder-driver.ts";
import { readSocketSource } from "../../../../drivers/usb/host/data/data-client.ts";
import { DataServer } from "../../../../drivers/usb/host/data/data-server.ts";
import { endFrame, MAX_DATA_BYTES } from "../../../../drivers/usb/host/data/frames.ts";
import { bytesAt } from "../../../support/usb/test-recorder.ts";
import { eventually } from "../../../support/waiting.ts";

const FILE: RecorderFile = { handle: "h", path: "录像/1.MP4", bytes: 3_000_000, modifiedMs: 5 };
const never = (): AbortSignal => new AbortController().signal;

describe("the data socket", () => {
  let folder = "";
  let path = "";
  let server: DataServer;
  /** How the recorder behind it behaves. */
  let reading: (offset: number, length: number, signal: AbortSignal) => AsyncIterable<Uint8Array>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "data-"));
    path = join(folder, "s.sock");
    server = await DataServer.listen(path, (link) => {
      if (link !== "L") throw new AgentError("recorder-gone", `link ${link}`);
      return (file, offset, length, signal) => {
        assert.deepEqual(file, FILE);
        return reading(offset, length, signal);
      };
    });
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const read = (offset: number, length: number, link = "L", signal = never()): AsyncIterable<Uint8Array> =>
    readSocketSource({ kind: "socket", socket: path, link, file: FILE }, offset, length, signal);

  it("carries every range, in pieces of any size, through one buffer", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000),
        fc.nat(400_000),
        fc.array(fc.integer({ min: 1, max: 2 * MAX_DATA_BYTES + 5 }), { minLength: 1, maxLength: 8 }),
        async (offset, length, sizes) => {
          reading = pieces(sizes);
          const memories = new Set<ArrayBufferLike>();
          const hash = createHash("sha256");
          for await (const piece of read(offset, length)) {
            memories.add(piece.buffer);
            hash.update(piece);
          }
          const expected = createHash("sha256").update(bytesAt(offset, length)).digest("hex");
          assert.equal(hash.digest("hex"), expected);
          assert.ok(memories.size <= 1);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("reads range after range into the same memory, and two at once into two", async () => {
    reading = pieces([10_000]);
    const memories = new Set<ArrayBufferLike>();
    for (let range = 0; range < 20; range++) {
      for await (const piece of read(range, 30_000)) memories.add(piece.buffer);
    }
    assert.ok(memories.size <= 6, `${memories.size} memories`);

    const [one, other] = [1, 2_000_000].map((offset) => read(offset, 30_000)[Symbol.asyncIterator]());
    const first = (await one?.next())?.value as Uint8Array;
    const second = (await other?.next())?.value as Uint8Array;
    assert.notEqual(first.buffer, second.buffer);
    assert.deepEqual(Uint8Array.from(first), Uint8Array.from(bytesAt(1, first.length)));
    assert.deepEqual(Uint8Array.from(second), Uint8Array.from(bytesAt(2_000_000, second.length)));
    await one?.return?.();
    await other?.return?.();
  });

  it("gives what was read before an error, then the error", async () => {
    reading = async function* () {
      yield bytesAt(0, 1_000);
      throw new AgentError("recorder-gone", "1-1.4");
    };
    let bytes = 0;
    await assert.rejects(
      async () => {
        for await (const piece of read(0, 5_000)) bytes += piece.length;
      },
      { code: "recorder-gone", place: "1-1.4" },
    );
    assert.equal(bytes, 1_000);
    await assert.rejects(collect(read(0, 1, "other")), { code: "recorder-gone" });
  });

  it("makes the recorder wait for a slow reader", async () => {
    let given = 0;
    reading = async function* () {
      for (;;) {
        given += MAX_DATA_BYTES;
        yield new Uint8Array(MAX_DATA_BYTES);
      }
    };
    const slow = read(0, 1e12)[Symbol.asyncIterator]();
    await slow.next();
    let before = -1;
    // nothing moves any more: what is under way has a bound
    await eventually("standstill", () => {
      const still = before === given;
      before = given;
      return still && given > 0;
    });
    assert.ok(given < 12 * MAX_DATA_BYTES, `${given} bytes`);
    await slow.return?.();
  });

  it("lets the recorder go when the reader does", async () => {
    let ended = false;
    reading = async function* (_offset, _length, signal) {
      try {
        for (;;) {
          signal.throwIfAborted();
          yield new Uint8Array(1_000);
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        ended = true;
      }
    };
    for await (const _ of read(0, 1e12)) break;
    await eventually("the end of the reading", () => ended);
    const stop = new AbortController();
    await assert.rejects(async () => {
      for await (const _ of read(0, 1e12, "L", stop.signal)) stop.abort(new Error("enough"));
    }, /enough/);
  });

  it("answers a request that is none with an error, and lives on", async () => {
    reading = pieces([1_000]);
    for (const line of [
      "",
      "x",
      "{}",
      '{"link":"L"}',
      "[".repeat(17_000),
      '{"link":"L","file":null,"offset":-1}',
    ])
      assert.match(await raw(path, `${line}\n`), /data-request/);
    assert.equal((await collect(read(0, 10))).length, 10);
  });
});

describe("a reader of a data socket", () => {
  for (const [what, answer, code] of [
    ["nothing", Buffer.alloc(0), "recorder-gone"],
    ["half a header", Buffer.from([1, 0]), "recorder-gone"],
    ["an unknown frame", Buffer.from([9, 0, 0, 0, 1, 0]), "recorder-answer"],
    ["a frame that is too long", Buffer.from([1, 0xff, 0xff, 0xff, 0xff]), "recorder-answer"],
    ["an empty frame", Buffer.from([1, 0, 0, 0, 0]), "recorder-answer"],
    [
      "more than was asked for",
      Buffer.concat([Buffer.from([1, 0, 0, 0, 9]), Buffer.alloc(9)]),
      "recorder-answer",
    ],
    ["an end that counts wrong", Buffer.from(endFrame(7)), "recorder-answer"],
    ["an error that says nothing", Buffer.from([3, 0, 0, 0, 2, 0x7b, 0x7d]), "recorder-answer"],
  ] as const) {
    it(`is not misled by ${what}`, async () => {
      await withServer(answer, (source) =>
        assert.rejects(collect(readSocketSource(source, 0, 8, never())), { code }),
      );
    });
  }

  it("finds nothing where nobody listens", async () => {
    const source = { kind: "socket", socket: "/nowhere/s.sock", link: "L", file: FILE } as const;
    await assert.rejects(collect(readSocketSource(source, 0, 8, never())), { code: "recorder-gone" });
  });
});

async function withServer(
  answer: Uint8Array,
  work: (source: { kind: "socket"; socket: string; link: string; file: RecorderFile }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "data-"));
  const socket = join(folder, "s.sock");
  const server: Server = createServer((client) => {
    client.on("error", () => {});
    client.once("data", () => client.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    await work({ kind: "socket", socket, link: "L", file: FILE });
  } finally {
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything that the socket says to this line. */
function raw(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    let text = "";
    socket.on("data", (piece) => {
      text += piece.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
    socket.write(line);
  });
}

/** A recorder that gives pieces of these sizes in turn, always in the same memory. */
function pieces(sizes: number[]): (offset: number, length: number) => AsyncGenerator<Uint8Array, void, void> {
  return async function* (offset, length) {
    const memory = new Uint8Array(2 * MAX_DATA_BYTES + 5);
    const end = offset + length;
    for (let at = offset, turn = 0; at < end; turn++) {
      const count = Math.min(sizes[turn % sizes.length] ?? 1, end - at);
      memory.set(bytesAt(at, count));
      yield memory.subarray(0, count);
      memory.fill(0xee);
      at += count;
    }
  };
}

async function collect(given: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  for await (const piece of given) kept.push(Uint8Array.from(piece));
  return Buffer.concat(kept);
}
