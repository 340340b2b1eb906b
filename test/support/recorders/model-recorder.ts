import { AgentError } from "../../../config/base/errors.ts";
import {
  type BatteryLevel,
  type BayLamp,
  CAPABILITIES,
  type Capability,
  type DriverName,
  type Listed,
  type RecorderDriver,
  type RecorderFile,
  type RecorderIdentity,
  type Wearer,
} from "../../../drivers/recorders/recorder-driver.ts";
import type { CardFile, MakeRecorder } from "../../contract/recorder/under-test.ts";
import { altered } from "../altered.ts";

const PART_BYTES = 65_536;
const NOW_MS = Date.UTC(2026, 10, 25, 8);

/** A recorder in memory that can do all that a driver may declare, and the hand on its plug. */
export class ModelRecorder {
  readonly card = new Map<string, CardFile & { handle: string }>();
  clockMs = NOW_MS;
  wearer: Wearer = { id: "" };
  isPlugged = true;
  isHanging = false;
  /** Pulled out when so many more bytes of files have been read. */
  unplugAfterBytes = Number.POSITIVE_INFINITY;
  #files = 0;

  put(file: CardFile): void {
    this.card.set(file.path, { ...file, handle: `${this.#files++}` });
  }

  plug(): void {
    this.isPlugged = true;
    this.isHanging = false;
    this.unplugAfterBytes = Number.POSITIVE_INFINITY;
  }
}

/** The driver that keeps every rule. */
export class ModelDriver implements RecorderDriver {
  readonly name: DriverName = "mtp";
  readonly capabilities: ReadonlySet<Capability> = new Set(CAPABILITIES);
  readonly #recorder: ModelRecorder;
  readonly #closed = new AbortController();

  constructor(recorder: ModelRecorder) {
    this.#recorder = recorder;
  }

  async identify(signal: AbortSignal): Promise<RecorderIdentity> {
    await this.#answers(signal);
    return { serial: "M0001", model: "Model" };
  }

  async battery(signal: AbortSignal): Promise<BatteryLevel> {
    await this.#answers(signal);
    return { percent: 80, milliVolts: 3_900 };
  }

  async readClock(signal: AbortSignal): Promise<number> {
    await this.#answers(signal);
    return this.#recorder.clockMs;
  }

  async setClock(utcMs: number, signal: AbortSignal): Promise<void> {
    await this.#answers(signal);
    this.#recorder.clockMs = utcMs;
  }

  async readWearer(signal: AbortSignal): Promise<Wearer> {
    await this.#answers(signal);
    return this.#recorder.wearer;
  }

  async writeWearer(wearer: Wearer, signal: AbortSignal): Promise<void> {
    await this.#answers(signal);
    this.#recorder.wearer = wearer;
  }

  async *list(signal: AbortSignal): AsyncGenerator<Listed> {
    await this.#answers(signal);
    for (const { path, bytes, modifiedMs, handle } of this.#recorder.card.values())
      yield { kind: "file", file: { handle, path, bytes: bytes.length, modifiedMs } };
  }

  sourceOf(): null {
    return null;
  }

  async *read(file: RecorderFile, offset: number, length: number, signal: AbortSignal) {
    const end = Math.min(offset + length, file.bytes);
    for (let at = offset; at < end || at === offset; at += PART_BYTES) {
      await this.#answers(signal);
      const part = this.#stored(file).bytes.subarray(at, Math.min(at + PART_BYTES, end));
      this.#cross(part.length);
      if (part.length > 0) yield part;
    }
  }

  async remove(file: RecorderFile, signal: AbortSignal): Promise<void> {
    await this.#answers(signal);
    this.#recorder.card.delete(this.#stored(file).path);
  }

  async showLamp(_lamp: BayLamp, signal: AbortSignal): Promise<void> {
    await this.#answers(signal);
  }

  async restart(signal: AbortSignal): Promise<void> {
    await this.#answers(signal);
  }

  async switchToDisk(signal: AbortSignal): Promise<void> {
    await this.#answers(signal);
    this.#recorder.isPlugged = false;
  }

  async close(): Promise<void> {
    this.#closed.abort(gone());
  }

  /** Resolves when the recorder answers; throws for whatever ends the call before. */
  async #answers(signal: AbortSignal): Promise<void> {
    const ends = AbortSignal.any([signal, this.#closed.signal]);
    ends.throwIfAborted();
    if (!this.#recorder.isPlugged) throw gone();
    if (!this.#recorder.isHanging) return;
    await new Promise((_, reject) => ends.addEventListener("abort", () => reject(ends.reason)));
  }

  #stored(file: RecorderFile): CardFile {
    const stored = this.#recorder.card.get(file.path);
    if (stored?.handle !== file.handle || stored.bytes.length !== file.bytes)
      throw new AgentError("file-gone", file.path);
    return stored;
  }

  #cross(bytes: number): void {
    this.#recorder.unplugAfterBytes -= bytes;
    if (this.#recorder.unplugAfterBytes >= 0) return;
    this.#recorder.isPlugged = false;
    throw gone();
  }
}

/** What is different about a driver; asked for each driver that is opened. */
export type Change = (driver: RecorderDriver, recorder: ModelRecorder) => Partial<RecorderDriver>;

/** For the contract: a model recorder, with a driver that is changed. */
export function makeModel(change: Change = () => ({})): MakeRecorder {
  return async (files) => {
    const recorder = new ModelRecorder();
    for (const file of files) recorder.put(file);
    const open = (): RecorderDriver => {
      const driver = new ModelDriver(recorder);
      return altered<RecorderDriver>(driver, change(driver, recorder));
    };
    return {
      driver: open(),
      card: {
        bytesOf: (path) => recorder.card.get(path)?.bytes ?? null,
        replace: (file) => recorder.put(file),
        unplugAfter: (bytes) => {
          recorder.unplugAfterBytes = bytes;
        },
      },
      clockMs: () => recorder.clockMs,
      hang: () => {
        recorder.isHanging = true;
      },
      unplug: () => {
        recorder.isPlugged = false;
      },
      replug: async () => {
        recorder.plug();
        return open();
      },
      dispose: async () => {},
    };
  };
}

function gone(): AgentError {
  return new AgentError("recorder-gone", "model");
}
