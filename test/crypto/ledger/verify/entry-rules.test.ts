import { test } from "node:test";
import type { JsonObject } from "../../../../crypto/bytes/canonical.ts";
import type { Lies } from "../../../support/ledger/ledger-maker.ts";
import {
  addChunk,
  addGap,
  heartbeat,
  imported,
  OTHER_REC,
  REC,
  record,
  scene,
  startLive,
  stopLive,
} from "../../../support/ledger/scenes.ts";
import { verify } from "../../../support/ledger/tampering.ts";
import { expectVerdict } from "./expect.ts";

/** What the entries say, §5: everything here is hashed and signed as it should be. */

/** Changes every body of a type that `which` picks. */
const lie = (type: string, change: JsonObject, which: (body: JsonObject) => boolean = () => true): Lies => ({
  body: (body) => {
    if (body.type === type && which(body)) Object.assign(body, change);
  },
});
const chunk = (n: number, change: JsonObject): Lies => lie("recording.chunk", change, (body) => body.n === n);
/** Leaves a field out. */
const without = (type: string, field: string): Lies => ({
  body: (body) => {
    if (body.type === type) delete body[field];
  },
});
const recorded = (lies: Lies = {}) => scene((maker) => record(maker, 10), lies);

test("control: a recording of ten seconds", () => expectVerdict(verify(recorded()), "authentic"));

test("control: two recordings that share their initialisation segment", () => {
  const both = scene((maker) => {
    record(maker, 4, REC);
    record(maker, 4, OTHER_REC);
  });
  return expectVerdict(verify(both), "authentic");
});

test("a recording without a stop is incomplete", () => {
  const open = scene((maker) => {
    startLive(maker);
    addChunk(maker, 0);
    addChunk(maker, 1);
  });
  return expectVerdict(verify(open), "incomplete", "recording-open", 2);
});

const faults: [name: string, code: string, lies: Lies][] = [
  ["a chunk number left out", "chunk-order", chunk(5, { n: 6 })],
  ["a chunk number twice", "chunk-order", chunk(5, { n: 4 })],
  ["a chunk that overlaps the one before", "chunk-overlap", chunk(3, { from_us: 3_500_000 })],
  ["a jump without a gap", "chunk-jump", chunk(3, { from_us: 4_500_000 })],
  ["a late first fragment", "chunk-jump", chunk(1, { from_us: 1_000_001 })],
  ["a chunk that ends where it begins", "chunk-times", chunk(5, { to_us: 8_000_000 })],
  ["an initialisation segment with a time", "chunk-init", chunk(0, { to_us: 1 })],
  ["an initialisation segment that is a key", "chunk-init", chunk(0, { key: true })],
  ["a sample of more than 500 ms without a gap", "frames-lost-unsaid", chunk(3, { longest_us: 500_001 })],
  ["a stop that counts too few chunks", "stop-sums", lie("recording.stop", { chunks: 5 })],
  ["a stop with a wrong sum of bytes", "stop-sums", lie("recording.stop", { bytes: 1 })],
  ["a chunk of a recording that never began", "recording-unknown", chunk(3, { rec: OTHER_REC })],
  ["a chunk without its digest", "entry-fields", without("recording.chunk", "digest")],
  ["a live chunk without its end", "entry-fields", without("recording.chunk", "to_us")],
  ["a start without its tracks", "entry-fields", without("recording.start", "tracks")],
  ["a stop without its reason", "entry-fields", without("recording.stop", "reason")],
  ["a genesis without its model", "entry-fields", without("ledger.genesis", "model")],
  ["a digest in capitals", "entry-fields", chunk(3, { digest: "AB".repeat(32) })],
  ["media of no bytes", "entry-fields", chunk(3, { bytes: 0 })],
  ["a sealed chunk without plain_digest", "entry-fields", chunk(3, { sealed: true })],
  [
    "a position beyond the pole",
    "entry-fields",
    chunk(3, { gnss: { lat_e7: 900_000_001, lon_e7: 0, age_ms: 0 } }),
  ],
  [
    "an unknown type that names media malformed",
    "media-fields",
    lie("ledger.close", { digest: "none", bytes: 3 }),
  ],
];
for (const [name, code, lies] of faults) {
  test(name, () => expectVerdict(verify(recorded(lies)), "altered", code));
}

/** Chunks 0 to 2, then whatever `between` writes, then chunk 3 from `fromUs` on. */
const broken = (
  between: { reason: string; from: number; to: number }[],
  fromUs: number,
  more: JsonObject = {},
) =>
  scene((maker) => {
    startLive(maker);
    for (let n = 0; n < 3; n++) addChunk(maker, n);
    for (const { reason, from, to } of between) addGap(maker, reason, from, to);
    addChunk(maker, 3, REC, { from_us: fromUs, to_us: fromUs + 2_000_000, ...more });
    stopLive(maker, 4);
  });
const lost = { reason: "frames-lost", from: 4_000_000, to: 4_500_000 };

test("control: a jump that a gap with its endpoints explains", () =>
  expectVerdict(verify(broken([lost], 4_500_000)), "authentic"));

test("a gap with other endpoints excuses no jump", () =>
  expectVerdict(verify(broken([{ ...lost, to: 4_400_000 }], 4_500_000)), "altered", "chunk-jump"));

test("muted sound excuses no jump", () =>
  expectVerdict(verify(broken([{ ...lost, reason: "muted" }], 4_500_000)), "altered", "chunk-jump"));

test("a gap behind the chunk excuses no jump", () => {
  const late = scene((maker) => {
    startLive(maker);
    addChunk(maker, 0);
    addChunk(maker, 1, REC, { to_us: 1_000_000 });
    addChunk(maker, 2);
    addGap(maker, "camera-lost", 1_000_000, 2_000_000);
    stopLive(maker, 3);
  });
  return expectVerdict(verify(late), "altered", "chunk-jump");
});

test("a gap that ends before it begins", () =>
  expectVerdict(verify(broken([{ ...lost, to: 3_000_000 }], 4_000_000)), "altered", "entry-fields"));

const hidden = { longest_us: 600_000 };
const told = { reason: "frames-lost", from: 4_200_000, to: 4_800_000 };

test("control: a long sample that a gap before its chunk tells of", () =>
  expectVerdict(verify(broken([told], 4_000_000, hidden)), "authentic"));

test("control: a long sample that a gap behind its chunk tells of", () => {
  const late = scene((maker) => {
    startLive(maker);
    addChunk(maker, 0);
    addChunk(maker, 1, REC, hidden);
    addGap(maker, "frames-lost", 200_000, 800_001);
    stopLive(maker, 2);
  });
  return expectVerdict(verify(late), "authentic");
});

test("a gap shorter than the long sample", () =>
  expectVerdict(
    verify(broken([{ ...told, to: 4_700_000 }], 4_000_000, hidden)),
    "altered",
    "frames-lost-unsaid",
  ));

test("a gap for another reason tells of no lost frames", () =>
  expectVerdict(
    verify(broken([{ ...told, reason: "overload" }], 4_000_000, hidden)),
    "altered",
    "frames-lost-unsaid",
  ));

test("control: a run that died before it could tell of the last long sample", () => {
  const died = scene((maker) => {
    startLive(maker);
    addChunk(maker, 0);
    addChunk(maker, 1, REC, hidden);
    maker.boot(false, [REC]);
    stopLive(maker, 2, REC, { recovered: true });
  });
  return expectVerdict(verify(died), "authentic");
});

test("a boot that hides a recording left open", () => {
  const hiding = scene((maker) => {
    startLive(maker);
    addChunk(maker, 0);
    maker.boot(false, []);
    stopLive(maker, 1, REC, { recovered: true });
  });
  return expectVerdict(verify(hiding), "altered", "boot-claims");
});

test("a chunk behind its recording's stop", () => {
  const more = scene((maker) => {
    record(maker, 4);
    addChunk(maker, 3);
  });
  return expectVerdict(verify(more), "altered", "recording-closed");
});

test("a second stop", () => {
  const twice = scene((maker) => {
    record(maker, 4);
    stopLive(maker, 3);
  });
  return expectVerdict(verify(twice), "altered", "recording-closed");
});

test("one recording started twice", () => {
  const twice = scene((maker) => {
    record(maker, 4);
    record(maker, 4);
  });
  return expectVerdict(verify(twice), "altered", "recording-twice");
});

test("a marker in a recording that never began", () => {
  const stray = scene((maker) => maker.add({ type: "recording.marker", rec: REC, at_us: 1, label: "mark" }));
  return expectVerdict(verify(stray), "altered", "recording-unknown", 2);
});

test("two entries that disagree about a file's length", () => {
  const disagreeing = scene((maker) => {
    const { digest, bytes } = maker.media(Buffer.from("a photo"));
    maker.add({ type: "recording.photo", digest, bytes, sealed: false, mime: "image/jpeg" });
    maker.add({ type: "recording.photo", digest, bytes: bytes + 1, sealed: false, mime: "image/jpeg" });
    heartbeat(maker);
  });
  return expectVerdict(verify(disagreeing), "altered", "media-disagreement", 3);
});

test("control: an imported file in three chunks", () => expectVerdict(verify(imported()), "authentic"));

test("an import whose offsets leave something out", () =>
  expectVerdict(verify(imported({ offsets: [0, 14] })), "altered", "chunk-offset"));

test("an import that is not the file its stop names", () =>
  expectVerdict(verify(imported({ file: "another file altogether, as long!!" })), "altered", "file-digest"));

test("a whole import that does not say the file's digest", () =>
  expectVerdict(
    verify(
      scene((maker) => {
        startLive(maker, REC, {
          origin: "import",
          trigger: "dock",
          source: { serial: "A7", path: "1.mp4", bytes: 4 },
        });
        maker.add({
          type: "recording.chunk",
          rec: REC,
          n: 0,
          ...maker.media(Buffer.from("file")),
          offset: 0,
        });
        maker.add({ type: "recording.stop", rec: REC, chunks: 1, bytes: 4, reason: "imported" });
      }),
    ),
    "altered",
    "entry-fields",
  ));

test("an import that does not say where from", () =>
  expectVerdict(
    verify(scene((maker) => startLive(maker, REC, { origin: "import", trigger: "dock" }))),
    "altered",
    "entry-fields",
    2,
  ));
