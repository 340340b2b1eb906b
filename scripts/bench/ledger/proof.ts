import { Bench as Tinybench } from "tinybench";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { inclusionProof, verifyInclusion } from "../../../crypto/proof/merkle.ts";
import type { Bench } from "../bench-run.ts";
import type { Measurement } from "../measure/row.ts";

const ENTRIES = 1_000_000;
/** A stride that is prime to the size visits entries from all over the tree. */
const STRIDE = 381_077;
const SAMPLES = 1000;

/** Inclusion proofs read from a large ledger; every sampled one is checked against the root. */
export async function benchProof({ ledgers }: Bench): Promise<Measurement[]> {
  const reader = LedgerReader.open(ledgers.at(ENTRIES).dataDir);
  const root = reader.root(ENTRIES);
  const entryOf = (sample: number) => (sample * STRIDE) % ENTRIES;
  let longestBytes = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const seq = entryOf(sample);
    const path = inclusionProof(seq, ENTRIES, reader.node);
    if (!verifyInclusion(reader.node(0, seq), seq, ENTRIES, path, root))
      throw new Error(`proof of entry ${seq} does not hold`);
    longestBytes = Math.max(longestBytes, Buffer.concat(path).length);
  }
  let sample = 0;
  const timing = new Tinybench({ time: 1000 });
  timing.add("inclusion proof", () => {
    inclusionProof(entryOf(sample++), ENTRIES, reader.node);
  });
  const [task] = await timing.run();
  reader.close();
  if (task?.result.state !== "completed") throw new Error(`tinybench: ${task?.result.state}`);
  return [
    {
      name: "inclusion proof at 10^6: longest of 1000 / 1 kB",
      value: longestBytes,
      unit: "B",
      yardstick: 1000,
      goal: { atMost: 1 },
    },
    {
      name: "inclusion proof at 10^6: p50 / 1 ms",
      value: task.result.latency.p50,
      unit: "ms",
      yardstick: 1,
      goal: { atMost: 1 },
    },
  ];
}
