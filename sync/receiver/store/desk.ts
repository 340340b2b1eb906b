import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import { openKeyFile } from "../../../crypto/keys/key-file.ts";
import {
  COSIGNATURE,
  formatVkey,
  PLAIN_NOTE,
  parseVkey,
  type VerifierKey,
  verifierKey,
} from "../../../crypto/keys/vkey.ts";
import { DirectoryLock } from "../../../crypto/ledger/db/directory-lock.ts";
import { type NamedKey, Replica } from "../../../crypto/ledger/replica/replica.ts";
import { formatSubject } from "../../wire/topics.ts";
import type { StoreOptions } from "../options.ts";
import type { DeviceAnswers, DeviceBatch, Refusal } from "./letters.ts";
import { OpenReplicas } from "./open-replicas.ts";
import { describeError, nack, Visit } from "./visit.ts";

const RETRY_MS = 10_000;

/**
 * The receiver's store: all replicas, the keys that sign receipts and cosignatures, and the lock that
 * keeps every other receiver out. Lives in the writer thread; one call at a time.
 */
export class Desk {
  readonly #lock: DirectoryLock;
  readonly #custody: NamedKey;
  readonly #witness: NamedKey;
  readonly #devices: ReadonlyMap<string, VerifierKey>;
  readonly #otherWitnesses: readonly VerifierKey[];
  readonly #options: StoreOptions;
  readonly #clock: Clock;
  readonly #replicas: OpenReplicas;
  /** Devices with a receipt to come, and when it may be signed, on the monotonic clock. */
  readonly #owed = new Map<string, number>();
  /** Devices that were told of a full disk, and the credit they had. */
  readonly #starved = new Map<string, number>();

  private constructor(lock: DirectoryLock, options: StoreOptions, clock: Clock, random: Random) {
    this.#lock = lock;
    this.#options = options;
    this.#clock = clock;
    const key = (kind: string): NamedKey => ({
      name: `${options.name}/${kind}`,
      key: openKeyFile(join(options.dataDir, "keys", `${kind}.key`), random),
    });
    this.#custody = key("custody");
    this.#witness = key("witness");
    const devices = options.devices.map(parseVkey);
    this.#devices = new Map(devices.map((device) => [device.key.deviceId, device]));
    this.#otherWitnesses = options.otherWitnesses.map(parseVkey);
    this.#replicas = new OpenReplicas((dev) => this.#openReplica(dev), options.limits.openDatabases, clock);
  }

  /** Throws `store-locked` while another receiver uses the directory; `bad-vkey`, `key-unreadable`. */
  static open(options: StoreOptions, clock: Clock, random: Random): Desk {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o750 });
    const lock = DirectoryLock.take(options.dataDir);
    try {
      return new Desk(lock, options, clock, random);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** What devices pin. */
  get vkeys(): { custody: string; witness: string } {
    return {
      custody: formatVkey(verifierKey(this.#custody.name, PLAIN_NOTE, this.#custody.key.publicKey)),
      witness: formatVkey(verifierKey(this.#witness.name, COSIGNATURE, this.#witness.key.publicKey)),
    };
  }

  /** Handles the messages of several devices, as many at once as databases may be open. */
  async handle(batches: readonly DeviceBatch[]): Promise<DeviceAnswers[]> {
    const answers: DeviceAnswers[] = [];
    const { openDatabases } = this.#options.limits;
    for (let at = 0; at < batches.length; at += openDatabases) {
      const together = batches.slice(at, at + openDatabases);
      answers.push(...(await Promise.all(together.map((batch) => this.#serve(batch)))));
    }
    return answers;
  }

  /** What is due without being asked for: receipts, and credit after a full disk. Call every second or so. */
  async tick(): Promise<DeviceAnswers[]> {
    const nowUs = this.#clock.monoUs();
    const answers: DeviceAnswers[] = [];
    for (const [dev, dueUs] of [...this.#owed]) {
      if (dueUs <= nowUs) answers.push(await this.#serve({ dev, creditBytes: 0, messages: [] }));
    }
    for (const [dev, creditBytes] of [...this.#starved]) {
      const answer = await this.#reopen(dev, creditBytes);
      if (answer === null) break;
      answers.push(answer);
    }
    this.#replicas.closeIdle();
    return answers;
  }

  close(): void {
    this.#replicas.closeAll();
    this.#lock.release();
  }

  async #serve({ dev, creditBytes, messages }: DeviceBatch): Promise<DeviceAnswers> {
    try {
      const replica = this.#replicas.get(dev);
      const isFull = replica.isDiskFull;
      if (isFull && messages.length > 0) this.#starved.set(dev, creditBytes);
      const visit = new Visit(dev, replica, this.#custody.name, isFull ? 0 : creditBytes);
      for (const message of messages) visit.take(message);
      return await this.#finish(dev, replica, visit);
    } catch (error) {
      return troubled(
        dev,
        error,
        messages.map(({ subject }) => formatSubject(subject)),
      );
    }
  }

  /** Null: the disk is still full. */
  async #reopen(dev: string, creditBytes: number): Promise<DeviceAnswers | null> {
    try {
      const replica = this.#replicas.get(dev);
      if (replica.isDiskFull) return null;
      this.#starved.delete(dev);
      const visit = new Visit(dev, replica, this.#custody.name, creditBytes);
      visit.announce();
      return await this.#finish(dev, replica, visit);
    } catch (error) {
      this.#starved.delete(dev);
      return troubled(dev, error, []);
    }
  }

  async #finish(dev: string, replica: Replica, visit: Visit): Promise<DeviceAnswers> {
    const answers = await visit.finish();
    const dueUs = replica.receiptDueUs();
    const nowUs = this.#clock.monoUs();
    if (dueUs === null) this.#owed.delete(dev);
    // still due just after a try: it failed, and is tried again later
    else this.#owed.set(dev, dueUs > nowUs ? dueUs : nowUs + RETRY_MS * 1000);
    return answers;
  }

  #openReplica(dev: string): Replica {
    const device = this.#devices.get(dev);
    if (device === undefined) throw new AgentError("unknown-device", dev);
    return Replica.open({
      dataDir: join(this.#options.dataDir, "devices", dev),
      device,
      custody: this.#custody,
      witness: this.#witness,
      otherWitnesses: this.#otherWitnesses,
      keepFreeBytes: this.#options.limits.keepFreeBytes,
      clock: this.#clock,
    });
  }
}

/** The trouble is with one replica: its device is asked to come again, the others go on. */
function troubled(dev: string, error: unknown, abouts: readonly string[]): DeviceAnswers {
  const detail = describeError(error);
  const refusals = abouts.map((about): Refusal => ({ code: "slow-down", about, detail }));
  return { dev, letters: refusals.map(nack), refusals, problems: [], troubles: [detail], replica: null };
}
