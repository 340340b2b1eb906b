import { closeSync, fdatasyncSync, openSync } from "node:fs";
import { join } from "node:path";
import { writeFully } from "../../../config/base/durable.ts";
import { systemRandom } from "../../../config/base/random.ts";
import type { Heartbeat } from "../../../crypto/entry/ledger-types.ts";
import { SigningKey } from "../../../crypto/keys/ed25519.ts";
import type { Bench } from "../bench-run.ts";
import type { Measurement } from "../measure/row.ts";
import { median, timedMs } from "../measure/timing.ts";
import { openEvidence } from "./evidence.ts";

const SMALL = 1_000;
const LARGE = 1_000_000;
const ROUNDS = 500;
/** What the yardstick signs, writes and syncs: about one entry. */
const ENTRY = Buffer.alloc(512, "e");
const HEARTBEAT: Heartbeat = { type: "device.heartbeat", free_bytes: 64e9, recording: false };

/** One append by the writer itself, in a small ledger and in a large one, beside its unavoidable parts. */
export async function benchAppend({ ledgers, workDir }: Bench): Promise<Measurement[]> {
  const small = openEvidence(ledgers.at(SMALL).dataDir);
  const large = openEvidence(ledgers.at(LARGE).dataDir);
  const key = SigningKey.generate(systemRandom);
  const fd = openSync(join(workDir, "fdatasync"), "w");
  const ms = { small: [] as number[], large: [] as number[], parts: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    ms.small.push(timedMs(() => small.append(HEARTBEAT)));
    ms.large.push(timedMs(() => large.append(HEARTBEAT)));
    // in an append's order: a disk that rested while a signature was made answers later than a busy one
    ms.parts.push(
      timedMs(() => {
        key.sign(ENTRY);
        writeFully(fd, ENTRY);
        fdatasyncSync(fd);
      }),
    );
  }
  closeSync(fd);
  for (const evidence of [small, large]) {
    evidence.close("bench");
    evidence.end();
  }
  return [
    {
      name: "append: p50 / (one fdatasync + one tweetnacl signature)",
      value: median(ms.small),
      unit: "ms",
      yardstick: median(ms.parts),
      goal: { atMost: 1.2 },
    },
    {
      name: "append: p50 at 10^6 entries / p50 at 10^3",
      value: median(ms.large),
      unit: "ms",
      yardstick: median(ms.small),
      goal: { atMost: 1.2 },
    },
  ];
}
