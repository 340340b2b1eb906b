import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  TRANSFER_BYTES,
  TransferMemory,
} from "../../../../drivers/recorders/mtp/transport/transfer-memory.ts";

const fill = async (memory: Uint8Array | undefined): Promise<Uint8Array> => {
  assert.ok(memory !== undefined && memory.length >= TRANSFER_BYTES);
  return memory.subarray(0, 100);
};

describe("the memory of MTP's transfers", () => {
  it("is used again when it is released, and not before", async () => {
    const memory = new TransferMemory();
    const first = await memory.filled(TRANSFER_BYTES, fill);
    const second = await memory.filled(TRANSFER_BYTES, fill);
    assert.notEqual(first.buffer, second.buffer);
    memory.release(first.subarray(12));
    assert.equal((await memory.filled(TRANSFER_BYTES, fill)).buffer, first.buffer);
  });

  it("is lent to one at a time, released twice or not", async () => {
    const memory = new TransferMemory();
    const first = await memory.filled(TRANSFER_BYTES, fill);
    memory.release(first);
    memory.release(first);
    memory.release(new Uint8Array(TRANSFER_BYTES));
    const two = [await memory.filled(TRANSFER_BYTES, fill), await memory.filled(TRANSFER_BYTES, fill)];
    assert.equal(two[0]?.buffer, first.buffer);
    assert.notEqual(two[1]?.buffer, first.buffer);
  });

  it("is never used again after a transfer that failed: the system may still write to it", async () => {
    const memory = new TransferMemory();
    let failed: ArrayBufferLike | undefined;
    const failing = memory.filled(TRANSFER_BYTES, async (given) => {
      failed = given?.buffer;
      throw new Error("timeout");
    });
    await assert.rejects(failing, /timeout/);
    assert.ok(failed !== undefined);
    assert.notEqual((await memory.filled(TRANSFER_BYTES, fill)).buffer, failed);
  });

  it("is kept where the link has put the bytes into its own", async () => {
    const memory = new TransferMemory();
    let given: ArrayBufferLike | undefined;
    await memory.filled(TRANSFER_BYTES, async (one) => {
      given = one?.buffer;
      return new Uint8Array(100);
    });
    assert.equal((await memory.filled(TRANSFER_BYTES, fill)).buffer, given);
  });

  it("is none for what is small, or larger than any transfer", async () => {
    const memory = new TransferMemory();
    const given: unknown[] = [];
    for (const bytes of [512, TRANSFER_BYTES * 2]) {
      await memory.filled(bytes, async (one) => {
        given.push(one);
        return new Uint8Array(bytes);
      });
    }
    assert.deepEqual(given, [undefined, undefined]);
  });
});
