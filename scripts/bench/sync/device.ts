import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../../config/base/clock.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { parseVkey } from "../../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { Ledger } from "../../../crypto/ledger/ledger.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { DeviceSync } from "../../../sync/device/device-sync.ts";
import { brokerLinks } from "../../../sync/link/broker-link.ts";
import { type Office, SHARD } from "../agent/office.ts";
import { openEvidence } from "../ledger/evidence.ts";
import { ledgerOptions } from "../ledger/ledger-options.ts";
import { elapsedMs } from "../measure/timing.ts";

/** As large as a chunk of 2 s at 4 Mbit/s. */
const CHUNK_BYTES = 1_000_000;
const POLL_MS = 10;
const KEEPALIVE_S = 60;

/** Fills a device's ledger with `count` chunks of random bytes, and writes the same bytes to one plain file. */
export function fillDevice(dataDir: string, count: number): { file: string; bytes: number } {
  const evidence = openEvidence(dataDir);
  const file = join(dataDir, "all-media");
  const fd = openSync(file, "w");
  for (let i = 0; i < count; i++) {
    const chunk = systemRandom.bytes(CHUNK_BYTES);
    evidence.appendMedia({ type: "recording.photo", mime: "application/octet-stream" }, [chunk]);
    writeSync(fd, chunk);
  }
  closeSync(fd);
  evidence.close("bench");
  evidence.end();
  return { file, bytes: count * CHUNK_BYTES };
}

/**
 * From the device's first SYN until the receiver has answered that it holds all media durably; ms.
 * The receipt is not waited for: the protocol issues one in 10 s.
 */
export async function syncMs(dataDir: string, office: Office, brokerPort: number): Promise<number> {
  const ledger = await Ledger.open(ledgerOptions(dataDir), systemClock);
  const reader = LedgerReader.open(dataDir);
  let sync: DeviceSync | null = null;
  const ms = await elapsedMs(async () => {
    sync = startSync(ledger, reader, office, brokerPort);
    while (sync.status().backlogBytes > 0) await delay(POLL_MS);
  });
  await (sync as DeviceSync | null)?.stop();
  reader.close();
  await ledger.close("bench");
  await ledger.end();
  return ms;
}

function startSync(ledger: Ledger, reader: LedgerReader, office: Office, brokerPort: number): DeviceSync {
  return DeviceSync.start({
    takeOrder: async () => {},
    ledger,
    reader,
    media: new MediaStore(ledger.dataDir),
    open: brokerLinks({ url: `mqtt://127.0.0.1:${brokerPort}`, protocol: 4, keepaliveS: KEEPALIVE_S }),
    shard: SHARD,
    agent: "bench",
    order: ["newest"],
    networks: [],
    keepaliveS: KEEPALIVE_S,
    healthMs: 30_000,
    custody: [parseVkey(office.custody)],
    witnesses: [parseVkey(office.witness)],
    health: () => ({ recording: false, freeBytes: 0, alarms: [] }),
    onEvent: () => {},
    clock: systemClock,
    random: systemRandom,
    log: createLogger("warn", "bench"),
  });
}
