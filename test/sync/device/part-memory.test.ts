import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../config/base/clock.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { UpMessages } from "../../../sync/device/up-messages.ts";
import type { OutgoingMessage } from "../../../sync/link/link.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { MemoryLink } from "../../support/sync/memory-link.ts";

const BYTES = 64 * 1024;

test("parts are read into memory that the broker is done with, and into no other", async (t) => {
  const media = new MediaStore(temporaryDirectory(t));
  const content = randomBytes(4 * BYTES);
  const digest = createHash("sha256").update(content).digest("hex");
  mkdirSync(dirname(media.path(digest)), { recursive: true });
  writeFileSync(media.path(digest), content);
  const link = new MemoryLink({ clientId: "device", subscriptions: [], maxInboundBytes: 1000 });
  const unused = null as never;
  const up = new UpMessages({
    address: { shard: "main", dev: "5d".repeat(16) },
    machine: unused,
    reader: unused,
    media,
    clock: systemClock,
    log: createLogger("silent", "test"),
    link: () => link,
  });
  const send = async (n: number): Promise<OutgoingMessage> => {
    await up.perform({ kind: "part", part: { digest, offset: n * BYTES, bytes: BYTES } });
    const message = link.published.at(-1) as OutgoingMessage;
    assert.deepEqual(message.payload, content.subarray(n * BYTES, (n + 1) * BYTES));
    return message;
  };
  const first = await send(0);
  const second = await send(1);
  assert.notEqual(second.payload.buffer, first.payload.buffer);
  first.onTaken?.();
  const third = await send(2);
  assert.equal(third.payload.buffer, first.payload.buffer);
  assert.deepEqual(second.payload, content.subarray(BYTES, 2 * BYTES));
  const fourth = await send(3);
  assert.notEqual(fourth.payload.buffer, second.payload.buffer);
});
