import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ASYNC_API, schemaOf } from "../support/asyncapi.ts";
import { REPOSITORY } from "../support/repository.ts";

const digest = "0f".repeat(32);
const dev = "ab".repeat(16);
const note = `fulltrace/${dev}\n7\n${Buffer.alloc(32).toString("base64")}\n\n— fulltrace/${dev} ${Buffer.alloc(68).toString("base64")}\n`;

/** For each schema a message that it takes, and changes that it must refuse. */
const EXAMPLES: Record<string, { message: object; refused: object[] }> = {
  hello: {
    message: { v: 1, nonce: "n", agent: "0.1.0", size: 7, checkpoint: note },
    refused: [{ v: 2 }, { nonce: undefined }, { size: -1 }, { size: 1.5 }, { checkpoint: "7" }],
  },
  have: {
    message: {
      v: 1,
      re: "n",
      receiver: "r",
      size: 7,
      root: digest,
      done: [[0, 7]],
      parts: { [digest]: [] },
      credit: 0,
    },
    refused: [{ root: "0F" }, { done: [[0, 7, 8]] }, { parts: { nothing: [] } }, { credit: undefined }],
  },
  health: {
    message: {
      v: 1,
      utc_ms: 1,
      recording: true,
      free_bytes: 1,
      backlog_bytes: 0,
      backlog_entries: 0,
      oldest_ms: 0,
      alarms: [],
    },
    refused: [{ recording: "yes" }, { battery_pct: 101 }, { alarms: undefined }],
  },
  cosignature: {
    message: { size: 7, lines: [`— w/witness ${Buffer.alloc(76).toString("base64")}`] },
    refused: [{ lines: [] }, { lines: ["— w/witness AAAA\n"] }, { size: "7" }],
  },
  nack: {
    message: { v: 1, code: "slow-down", about: `media/${digest}/0`, retry_after_ms: 1000 },
    refused: [{ code: "no" }, { about: undefined }, { retry_after_ms: -1 }],
  },
  receipt: {
    message: {
      payload: "e30=",
      payloadType: "application/vnd.fulltrace.receipt.v1+json",
      signatures: [{ keyid: "ab".repeat(8), sig: Buffer.alloc(64).toString("base64") }],
    },
    refused: [{ payloadType: "text/plain" }, { signatures: [] }, { more: 1 }],
  },
  order: {
    message: {
      payload: "e30=",
      payloadType: "application/vnd.fulltrace.update-order.v1+json",
      signatures: [{ keyid: "ab".repeat(8), sig: Buffer.alloc(64).toString("base64") }],
    },
    refused: [{ payloadType: "application/vnd.fulltrace.receipt.v1+json" }, { signatures: [] }, { more: 1 }],
  },
  orderPayload: {
    message: { v: 1, dev: "*", digest, bytes: 7, version: "1.2.3", from_ms: 1, until_ms: 2 },
    refused: [{ dev: "all" }, { version: "1" }, { digest: undefined }, { path: "/" }],
  },
  receiptPayload: {
    message: { v: 1, dev, size: 7, root: digest, media: [[0, 7]], stored_ms: 1, receiver: "r" },
    refused: [{ dev: "ab" }, { media: [[7]] }, { stored_ms: undefined }],
  },
  entryLine: {
    message: {
      body: {
        v: 1,
        type: "activity.note",
        dev,
        seq: 2,
        prev: digest,
        epoch: 1,
        t: { boot: "01234567-89ab-4def-8123-456789abcdef", mono_us: 1, utc_ms: 1, src: "none" },
      },
      sigs: [{ kid: "ab".repeat(8), sig: "cd".repeat(64) }],
    },
    refused: [{ body: {} }, { sigs: [] }, { more: 1 }],
  },
};

describe("docs/asyncapi.yaml", () => {
  it("names every topic of the protocol's page, and no other", () => {
    const page = readFileSync(join(REPOSITORY, "docs", "sync-protocol.md"), "utf8");
    const table = [...page.matchAll(/^\| `((?:up|down)\/[^`]+|state)` \|/gm)].map(([, topic]) => topic);
    const document = Object.values(ASYNC_API.channels).map(({ address }) =>
      address.replace(/^fulltrace\/v1\/\{shard\}\/\{dev\}\//, ""),
    );
    assert.equal(table.length, 13);
    assert.deepEqual(document.sort(), table.sort());
  });

  it("describes the parameters that each address has", () => {
    for (const { address, parameters } of Object.values(ASYNC_API.channels)) {
      const named = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      assert.deepEqual(Object.keys(parameters).sort(), named.sort(), address);
    }
  });

  it("refers only to what it holds", () => {
    for (const reference of references(ASYNC_API)) assert.notEqual(resolve(reference), undefined, reference);
    assert.equal(resolve("#/components/schemas/nothing"), undefined);
  });

  for (const [name, { message, refused }] of Object.entries(EXAMPLES)) {
    it(`takes a ${name}, and refuses what is none`, () => {
      const check = schemaOf(name);
      assert.ok(check(message), JSON.stringify(check.errors));
      for (const change of refused) {
        const changed = JSON.parse(JSON.stringify({ ...message, ...change })) as unknown;
        assert.equal(check(changed), false, JSON.stringify(change));
      }
    });
  }
});

function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" ? [String(inner)] : references(inner),
  );
}

function resolve(reference: string): unknown {
  const steps = reference.replace("#/", "").split("/");
  return steps.reduce<unknown>(
    (value, step) => (value as Record<string, unknown> | undefined)?.[step],
    ASYNC_API,
  );
}
