import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import { CALLS, EVENTS } from "../../../../drivers/serial/board/messages/messages.ts";
import { REFUSALS } from "../../../../drivers/serial/board/messages/values.ts";
import type { Frame } from "../../../../drivers/serial/frames/frame.ts";
import { Framing } from "../../../../drivers/serial/frames/framing.ts";
import { exampleOf, frameOf, meaningOf } from "../../../support/control-link-page.ts";
import { REPOSITORY } from "../../../support/repository.ts";

const page = readFileSync(join(REPOSITORY, "docs/control-link.md"), "utf8");
const framing = await Framing.load();
const lines = (/```frames\n([^`]*)```/.exec(page)?.[1] ?? "").split("\n").filter((line) => line !== "");
const examples = lines.flatMap((line, i) =>
  i % 2 === 0 ? [{ claim: exampleOf(line), wire: bytesOf(lines[i + 1] ?? "") }] : [],
);

function bytesOf(hex: string): Buffer {
  assert.match(hex, /^([0-9A-F]{2} )*[0-9A-F]{2}$/);
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

function framesIn(wire: Buffer): Frame[] {
  const frames: Frame[] = [];
  framing.reader({ onFrame: (frame) => frames.push(frame), onDiscarded: () => undefined }).push(wire);
  return frames;
}

describe("docs/control-link.md", () => {
  for (const { claim, wire } of examples) {
    it(`shows ${claim.kind} ${claim.name} as it is sent and read`, () => {
      assert.deepEqual(framing.encode(frameOf(claim)), wire);
      const [frame, ...more] = framesIn(wire);
      assert.ok(frame !== undefined && more.length === 0);
      assert.deepEqual(meaningOf(claim, frame), claim.value);
    });
  }

  it("has an example of every request and every event", () => {
    const shown = new Set(examples.map(({ claim }) => `${claim.kind} ${claim.name}`));
    const wanted = [
      ...Object.keys(CALLS).flatMap((name) => [`request ${name}`, `answer ${name}`]),
      ...Object.keys(EVENTS).map((name) => `event ${name}`),
    ];
    assert.deepEqual(
      wanted.filter((name) => !shown.has(name)),
      [],
    );
  });

  it("names every message with its number, and every refusal", () => {
    for (const [name, { type }] of [...Object.entries(CALLS), ...Object.entries(EVENTS)]) {
      assert.ok(page.includes(`\`${name}\` (\`${type.toString(16).padStart(2, "0")}\`)`), name);
    }
    for (const [i, name] of REFUSALS.entries())
      assert.ok(page.includes(`| \`0${i + 1}\` | \`${name}\` |`), name);
  });

  it("works its example right", () => {
    const [, head = "", checksum = "", sent = "", wire = ""] =
      /no payload: `([^`]*)`\n2\. [^`]*`([0-9A-F]+)`, sent as `([^`]*)`\n3\. [^`]*`([^`]*)`/.exec(page) ?? [];
    assert.equal(crc32(bytesOf(head)), Number.parseInt(checksum, 16));
    assert.equal(bytesOf(sent).readUInt32LE(), Number.parseInt(checksum, 16));
    assert.deepEqual(framing.encode({ type: 2, seq: 1, payload: new Uint8Array() }), bytesOf(wire));
    assert.equal(crc32("123456789"), 0xcbf43926);
  });

  it("an example with a wrong byte would be seen", () => {
    const [example] = examples;
    assert.ok(example !== undefined);
    const wire = Buffer.from(example.wire);
    wire[5] = (wire[5] as number) ^ 1;
    assert.deepEqual(framesIn(wire), []);
  });
});
