import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { systemRandom } from "../../../config/base/random.ts";
import type { PublicKey } from "../../../crypto/keys/ed25519.ts";
import { openKeyFile } from "../../../crypto/keys/key-file.ts";
import {
  COSIGNATURE,
  deviceVkey,
  formatVkey,
  type NoteKeyType,
  PLAIN_NOTE,
  verifierKey,
} from "../../../crypto/keys/vkey.ts";
import { AgentProcess } from "../../demo/agent-process.ts";
import { startMosquitto } from "./mosquitto.ts";

const NAME = "bench.example";
export const SHARD = "bench";

/** What serves the devices of a benchmark: a Mosquitto and a receiver, each a process of its own. */
export interface Office {
  brokerPort: number;
  /** Vkeys, as a device's configuration pins them. */
  witness: string;
  custody: string;
  close: () => Promise<void>;
}

/** Opens an office in a new directory that knows these devices. */
export async function openOffice(directory: string, devices: readonly PublicKey[]): Promise<Office> {
  const dataDir = join(directory, "receiver");
  mkdirSync(dataDir, { recursive: true });
  const broker = await startMosquitto(directory);
  const config = join(directory, "receiver.toml");
  const settings = {
    role: "receiver",
    data_dir: dataDir,
    log_level: "warn",
    receiver: {
      name: NAME,
      devices: devices.map((key) => formatVkey(deviceVkey(key))),
      reserve_bytes: 0,
    },
    sync: { url: `mqtt://127.0.0.1:${broker.port}`, shard: SHARD },
  };
  writeFileSync(config, stringify(settings));
  const receiver = new AgentProcess(config, dataDir, join(directory, "receiver.log"));
  const abandon = () => receiver.abandon();
  process.once("exit", abandon);
  await receiver.start();
  await receiver.waitFor((status) => status.receiver?.linked === true, 10_000);
  return {
    brokerPort: broker.port,
    witness: vkey(dataDir, "witness", COSIGNATURE),
    custody: vkey(dataDir, "custody", PLAIN_NOTE),
    close: async () => {
      await receiver.stop();
      process.off("exit", abandon);
      await broker.stop();
    },
  };
}

function vkey(dataDir: string, kind: "witness" | "custody", type: NoteKeyType): string {
  const key = openKeyFile(join(dataDir, "keys", `${kind}.key`), systemRandom);
  return formatVkey(verifierKey(`${NAME}/${kind}`, type, key.publicKey));
}
