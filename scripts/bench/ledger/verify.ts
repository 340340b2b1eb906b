import { createPublicKey, verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemRandom } from "../../../config/base/random.ts";
import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import { ENTRY_TYPE, preAuthEncoding } from "../../../crypto/keys/dsse.ts";
import { SigningKey } from "../../../crypto/keys/ed25519.ts";
import { deviceVkey, formatVkey, PLAIN_NOTE, verifierKey } from "../../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { openReceipt, signReceipt } from "../../../crypto/proof/receipt.ts";
import type { Bench } from "../bench-run.ts";
import { runModule } from "../measure/children.ts";
import type { Measurement } from "../measure/row.ts";
import { say } from "../measure/say.ts";
import { median, timedMs } from "../measure/timing.ts";
import type { LedgerMaker } from "./make-ledger.ts";
import type { VerifyOrder, VerifyUsage } from "./verify-process.ts";

const CUSTODY = "bench.example/custody";
/** Verifications in one sample of the yardstick: some 0.4 s. */
const SAMPLE = 5000;
const MEMORY_GOAL_MIB = 80;
const TRUSTING_GOAL_CPU_S = 10;

type Mode = "every signature" | "two workers" | "trusting receipts";

/** What one mode took over a large ledger, round by round. */
type Usages = Record<Mode, VerifyUsage[]>;

/** The verifier in a process of its own, its modes and the yardstick taking turns. */
export async function benchVerify({ ledgers, full }: Bench): Promise<Measurement[]> {
  const size = full ? 1_000_000 : 100_000;
  const large = prepare(ledgers.at(size));
  const small = prepare(ledgers.at(size / 10));
  const usages: Usages = { "every signature": [], "two workers": [], "trusting receipts": [] };
  const singleMs: number[] = [];
  for (let round = 1; round <= 2; round++) {
    for (const [mode, taken] of Object.entries(usages) as [Mode, VerifyUsage[]][]) {
      say(`verify ${size} entries, ${mode}, round ${round}`);
      singleMs.push(large.sample());
      taken.push(await large.run(mode));
    }
    singleMs.push(large.sample());
  }
  const wallS = (mode: Mode) => median(usages[mode].map(({ wallMs }) => wallMs)) / 1000;
  const cpuS = (mode: Mode) => median(usages[mode].map(({ cpuMs }) => cpuMs)) / 1000;
  const measured: Measurement[] = [
    {
      name: `verify ${size} entries, every signature / as many single node:crypto verifications`,
      value: wallS("every signature"),
      unit: "s",
      yardstick: (median(singleMs) * size) / 1000,
      goal: { atMost: 1.2 },
    },
    {
      name: `verify ${size} entries: speed with two workers / with one`,
      value: size / wallS("two workers"),
      unit: "entries/s",
      yardstick: size / wallS("every signature"),
      goal: { atLeast: 1.6 },
    },
    {
      name: `verify ${size} entries, --trust-receipts: CPU for 10^6 / ${TRUSTING_GOAL_CPU_S} s`,
      value: (cpuS("trusting receipts") * 1_000_000) / size,
      unit: "s",
      yardstick: TRUSTING_GOAL_CPU_S,
      goal: { atMost: 1 },
    },
  ];
  for (const mode of Object.keys(usages) as Mode[]) {
    const peakMib = Math.max(...usages[mode].map((usage) => usage.peakMib));
    measured.push(
      {
        name: `verify ${size} entries, ${mode}: peak memory / ${MEMORY_GOAL_MIB} MiB`,
        value: peakMib,
        unit: "MiB",
        yardstick: MEMORY_GOAL_MIB,
        goal: { atMost: 1 },
      },
      {
        name: `verify ${size} entries, ${mode}: peak memory / at a tenth of them`,
        value: peakMib,
        unit: "MiB",
        yardstick: (await small.run(mode)).peakMib,
        goal: { atMost: 1.1 },
      },
    );
  }
  return measured;
}

/** Puts a receipt and a trust file beside a ledger. */
function prepare(maker: LedgerMaker): { run: (mode: Mode) => Promise<VerifyUsage>; sample: () => number } {
  const { dataDir, dev, deviceKey } = maker;
  const custody = SigningKey.generate(systemRandom);
  const vkey = verifierKey(CUSTODY, PLAIN_NOTE, custody.publicKey);
  const reader = LedgerReader.open(dataDir);
  const size = reader.size();
  const promise = {
    dev,
    size,
    root: reader.root(size),
    media: RangeSet.of([]),
    storedMs: Date.UTC(2026, 1, 1),
    receiver: CUSTODY,
  };
  maker.addReceipt(openReceipt(signReceipt(promise, custody), [vkey]));
  const trustFile = join(dataDir, "trust.toml");
  const listed = [formatVkey(deviceVkey(deviceKey.publicKey))];
  writeFileSync(
    trustFile,
    `quorum = 0\ndevice = ${JSON.stringify(listed)}\ncustody = ["${formatVkey(vkey)}"]\n`,
  );
  const sample = singleVerifications(reader);
  reader.close();
  return {
    sample,
    run: async (mode) => {
      const order: VerifyOrder = {
        dataDir,
        trustFile,
        trustReceipts: mode === "trusting receipts",
        workers: mode === "two workers" ? 2 : 1,
      };
      const answer = await runModule(new URL("./verify-process.js", import.meta.url), [
        JSON.stringify(order),
      ]);
      const usage = JSON.parse(answer) as VerifyUsage;
      const { checked, skipped } = usage.signatures;
      const asOrdered = order.trustReceipts ? skipped >= size : checked >= size;
      if (!usage.verdict.startsWith("authentic") || !asOrdered) throw new Error(`not as ordered: ${answer}`);
      return usage;
    },
  };
}

/** The yardstick: ms for one plain verification, as a mean over entries of the ledger's first epoch. */
function singleVerifications(reader: LedgerReader): () => number {
  const pub = Buffer.from(reader.epochs()[0]?.pub ?? "", "hex");
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: pub.toString("base64url") },
    format: "jwk",
  });
  const signed = reader.entries(2, SAMPLE, Number.MAX_SAFE_INTEGER).map(({ body, sigs }) => ({
    message: preAuthEncoding(ENTRY_TYPE, body),
    signature: Buffer.from(JSON.parse(sigs)[0].sig, "hex"),
  }));
  return () =>
    timedMs(() => {
      for (const { message, signature } of signed)
        if (!verify(null, message, key, signature)) throw new Error("a signature does not hold");
    }) / signed.length;
}
