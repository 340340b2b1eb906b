import { spawnSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { stringify } from "smol-toml";
import { systemRandom } from "../../config/base/random.ts";
import { openKeyFile } from "../../crypto/keys/key-file.ts";
import { COSIGNATURE, deviceVkey, formatVkey, PLAIN_NOTE, verifierKey } from "../../crypto/keys/vkey.ts";

/** Where the demo leaves everything. */
export interface Layout {
  root: string;
  dev: string;
  recorder: string;
  receiver: string;
  /** The receiver's copy of the recorder's ledger. */
  replica: string;
  recorderConfig: string;
  receiverConfig: string;
  trust: string;
  /** Whether the source is a file, which either can be played now or never. */
  isFile: boolean;
  /** Length of a source that has an end; null: it has none, or does not say. */
  sourceMs: number | null;
}

export const PRE_EVENT_MS = 4000;
const PROBE_TIMEOUT_MS = 30_000;
const RECEIVER_NAME = "demo.example";

/** Makes keys, both configurations and the trust file, all before the first entry. */
export async function layOut(root: string, source: string, lang: "zh" | "en"): Promise<Layout> {
  const recorder = join(root, "recorder");
  const receiver = join(root, "receiver");
  for (const directory of [recorder, receiver]) mkdirSync(directory, { recursive: true, mode: 0o750 });
  const device = deviceVkey(openKeyFile(join(recorder, "keys", "device.key"), systemRandom).publicKey);
  const witness = receiverKey(receiver, "witness", COSIGNATURE);
  const custody = receiverKey(receiver, "custody", PLAIN_NOTE);
  const address = `127.0.0.1:${await freePort()}`;
  const camera = cameraTable(source);
  const layout: Layout = {
    root,
    dev: device.key.deviceId,
    recorder,
    receiver,
    replica: join(receiver, "devices", device.key.deviceId),
    recorderConfig: join(root, "recorder.toml"),
    receiverConfig: join(root, "receiver.toml"),
    trust: join(root, "trust.toml"),
    isFile: camera["source"] === "file",
    sourceMs: statSync(source, { throwIfNoEntry: false })?.isFile() === true ? fileLengthMs(source) : null,
  };
  write(layout.trust, { quorum: 1, device: [formatVkey(device)], witness: [witness], custody: [custody] });
  write(layout.recorderConfig, {
    role: "recorder",
    data_dir: "recorder",
    lang,
    device: { model: "demo", serial: "DEMO-0001" },
    camera,
    recording: { pre_event_ms: PRE_EVENT_MS },
    disk: { reserve_bytes: 0, stop_bytes: 0 },
    sync: {
      url: `mqtt://${address}`,
      shard: "demo",
      health_ms: 5000,
      witness: [witness],
      custody: [custody],
    },
  });
  write(layout.receiverConfig, {
    role: "receiver",
    data_dir: "receiver",
    lang,
    receiver: { name: RECEIVER_NAME, devices: [formatVkey(device)], reserve_bytes: 0 },
    sync: { url: `mqtt://${address}`, shard: "demo" },
    broker: { listen: address },
  });
  return layout;
}

/** Makes the key if there is none, and tells it as others are given it. */
export function receiverKey(directory: string, kind: "witness" | "custody", type: 0x01 | 0x04): string {
  const key = openKeyFile(join(directory, "keys", `${kind}.key`), systemRandom);
  return formatVkey(verifierKey(`${RECEIVER_NAME}/${kind}`, type, key.publicKey));
}

function cameraTable(source: string): Record<string, unknown> {
  if (source === "testsrc") return { source: "testsrc" };
  if (/^rtsps?:\/\//.test(source)) return { source: "rtsp", url: source };
  if (/^\/dev\/video[0-9]+$/.test(source)) return { source: "v4l2", device: source };
  return { source: "file", path: resolve(source) };
}

/** What the container claims. A device node is no file with an end. */
function fileLengthMs(path: string): number | null {
  const args = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", `file:${resolve(path)}`];
  const { stdout } = spawnSync("ffprobe", args, { encoding: "utf8", timeout: PROBE_TIMEOUT_MS });
  const seconds = Number.parseFloat(stdout ?? "");
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}

function write(path: string, content: Record<string, unknown>): void {
  writeFileSync(path, stringify(content), { mode: 0o640 });
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}
