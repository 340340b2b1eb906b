import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "smol-toml";
import { systemClock } from "../../../config/base/clock.ts";
import { COSIGNATURE, PLAIN_NOTE, parseVkey } from "../../../crypto/keys/vkey.ts";
import { type FoundEntry, findEntries } from "../../../crypto/ledger/query/find-entries.ts";
import { visitLedger } from "../../../crypto/ledger/visit.ts";
import { AgentProcess, fulltrace } from "../../demo/agent-process.ts";
import { freePort, receiverKey } from "../../demo/layout.ts";

/** The wall clock that an entry was written by, ms since 1970. */
export function writtenMs({ parsed }: FoundEntry): number {
  return (parsed["t"] as { utc_ms: number }).utc_ms;
}

/** As the unit sees this computer. */
const HOST = "10.0.2.2";
const START_MS = 60_000;
const TRUST_FILE = "trust.toml";
const PORT_FILE = "port";

/** The receiver that a unit of the lab hands over to: a real one, with its broker, on this computer. */
export class Office {
  readonly #folder: string;
  readonly #data: string;
  readonly #port: number;
  readonly #witness: string;
  readonly #custody: string;
  #receiver: AgentProcess | null = null;
  #dev = "";

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.#data = join(folder, "receiver");
    mkdirSync(this.#data, { recursive: true, mode: 0o750 });
    this.#witness = receiverKey(this.#data, "witness", COSIGNATURE);
    this.#custody = receiverKey(this.#data, "custody", PLAIN_NOTE);
  }

  static async open(folder: string): Promise<Office> {
    const file = join(folder, PORT_FILE);
    if (!existsSync(file)) writeFileSync(file, `${await freePort()}`);
    return new Office(folder, Number(readFileSync(file, "utf8")));
  }

  /** With the unit that it had taken in before. */
  async reopen(): Promise<void> {
    const { device } = parse(readFileSync(join(this.#folder, TRUST_FILE), "utf8")) as { device: [string] };
    await this.accept(device[0]);
  }

  /** Whom a unit believes. */
  get keys(): string[] {
    return [this.#witness, this.#custody];
  }

  /** The same, as `[sync]` of a configuration has it. */
  get believed(): { witness: string[]; custody: string[] } {
    return { witness: [this.#witness], custody: [this.#custody] };
  }

  /** Where a unit finds it. */
  get url(): string {
    return `mqtt://${HOST}:${this.#port}`;
  }

  /** Takes in the unit of the key `vkey`, and nobody else. */
  async accept(vkey: string): Promise<void> {
    this.#dev = parseVkey(vkey).key.deviceId;
    const address = `127.0.0.1:${this.#port}`;
    const config = {
      role: "receiver",
      data_dir: this.#data,
      lang: "en",
      receiver: { name: "demo.example", devices: [vkey], reserve_bytes: 0 },
      sync: { url: `mqtt://${address}`, shard: "main" },
      broker: { listen: address },
    };
    const file = join(this.#folder, "receiver.toml");
    writeFileSync(file, stringify(config), { mode: 0o640 });
    const trust = { quorum: 1, device: [vkey], witness: [this.#witness], custody: [this.#custody] };
    writeFileSync(join(this.#folder, TRUST_FILE), stringify(trust));
    this.#receiver = new AgentProcess(file, this.#data, join(this.#folder, "receiver.log"));
    await this.#receiver.start(START_MS);
  }

  /** Of the unit's ledger, as it lies here: the newest entries of `type`, the newest last. */
  async entries(type: string, limit = 100_000): Promise<FoundEntry[]> {
    if (!existsSync(join(this.replica, "ledger.db"))) return [];
    const newest = { before: Number.MAX_SAFE_INTEGER };
    return await visitLedger(this.replica, (reader) => findEntries(reader, { type }, newest, limit).entries);
  }

  /** Waits until there are more than `count` entries of `type`; answers them all. */
  async more(type: string, count: number, timeoutMs: number): Promise<FoundEntry[]> {
    const deadlineUs = systemClock.monoUs() + timeoutMs * 1000;
    for (;;) {
      const found = await this.entries(type);
      if (found.length > count) return found;
      if (systemClock.monoUs() > deadlineUs)
        throw new Error(`no new ${type} reached the office within ${timeoutMs / 1000} s`);
      await systemClock.sleep(500);
    }
  }

  /** Waits for a chunk that was recorded after `utcMs`, of the unit's clock; answers all chunks, in order. */
  async recordedSince(utcMs: number, timeoutMs: number): Promise<FoundEntry[]> {
    for (let known = 0; ; ) {
      const found = await this.more("recording.chunk", known, timeoutMs);
      const last = found.at(-1);
      if (last !== undefined && writtenMs(last) > utcMs) return found;
      known = found.length;
    }
  }

  get replica(): string {
    return join(this.#data, "devices", this.#dev);
  }

  /** What an independent look at the copy says. */
  async verdict(): Promise<string> {
    const words = ["verify", this.replica, "--trust", join(this.#folder, TRUST_FILE), "--json"];
    const { stdout, stderr } = await fulltrace(words);
    if (stdout === "") throw new Error(stderr);
    return (JSON.parse(stdout) as { verdict: string }).verdict;
  }

  close(): void {
    this.#receiver?.abandon();
  }
}
