import { AgentError } from "../../../config/base/errors.ts";
import type {
  BatteryLevel,
  BayLamp,
  ByteSource,
  Capability,
  DriverName,
  Listed,
  RecorderDriver,
  RecorderFile,
  RecorderIdentity,
  Wearer,
} from "../../../drivers/recorders/recorder-driver.ts";

export interface ScriptedCard {
  [path: string]: { content: Buffer; modifiedMs?: number };
}

/** A recorder as a driver shows it, with a card in memory: does what its fields say. */
export class ScriptedRecorder implements RecorderDriver {
  name: DriverName = "mtp";
  capabilities: Set<Capability> = new Set<Capability>([
    "battery",
    "clock-read",
    "clock-set",
    "wearer-read",
    "files",
    "remove",
    "lamp",
  ]);
  identity: RecorderIdentity = { serial: "A000001", model: "BWC-9" };
  level: BatteryLevel = { percent: 90 };
  wearer: Wearer = { id: "110042" };
  /** How far its clock is ahead of the bench's. */
  offsetMs = 0;
  card: ScriptedCard = {};
  skipped: Listed[] = [];
  /** Errors that the next calls of a name end with, in order. */
  readonly faults = new Map<string, AgentError[]>();
  readonly calls: string[] = [];
  readonly lamps: BayLamp[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  failing(call: string, code: string, times = 1): void {
    const errors = Array.from({ length: times }, () => new AgentError(code, call));
    this.faults.set(call, [...(this.faults.get(call) ?? []), ...errors]);
  }

  async identify(): Promise<RecorderIdentity> {
    this.#enter("identify");
    return this.identity;
  }

  async battery(): Promise<BatteryLevel> {
    this.#enter("battery");
    return this.level;
  }

  async readClock(): Promise<number> {
    this.#enter("readClock");
    return this.#nowMs() + this.offsetMs;
  }

  async setClock(utcMs: number): Promise<void> {
    this.#enter("setClock");
    this.offsetMs = utcMs - this.#nowMs();
  }

  async readWearer(): Promise<Wearer> {
    this.#enter("readWearer");
    return this.wearer;
  }

  async writeWearer(wearer: Wearer): Promise<void> {
    this.#enter("writeWearer");
    this.wearer = wearer;
  }

  async *list(_signal: AbortSignal): AsyncIterable<Listed> {
    this.#enter("list");
    for (const [path, { content, modifiedMs }] of Object.entries(this.card)) {
      yield {
        kind: "file",
        file: {
          handle: path,
          path,
          bytes: content.length,
          ...(modifiedMs === undefined ? {} : { modifiedMs }),
        },
      };
    }
    yield* this.skipped;
  }

  sourceOf(file: RecorderFile): ByteSource {
    return { kind: "path", path: file.handle };
  }

  async *read(file: RecorderFile, offset: number, length: number): AsyncIterable<Uint8Array> {
    this.#enter("read");
    const stored = this.card[file.handle];
    if (stored === undefined) throw new AgentError("file-gone", file.path);
    yield stored.content.subarray(offset, offset + length);
  }

  async remove(file: RecorderFile): Promise<void> {
    this.#enter("remove");
    if (this.card[file.handle]?.content.length !== file.bytes) throw new AgentError("file-gone", file.path);
    delete this.card[file.handle];
  }

  async showLamp(lamp: BayLamp): Promise<void> {
    this.#enter("showLamp");
    this.lamps.push(lamp);
  }

  withWriting?: NonNullable<RecorderDriver["withWriting"]>;
  standing?: NonNullable<RecorderDriver["standing"]>;

  async restart(): Promise<void> {
    throw new AgentError("unsupported", "restart");
  }

  async switchToDisk(): Promise<void> {
    this.#enter("switchToDisk");
  }

  async close(): Promise<void> {
    this.calls.push("close");
  }

  #enter(call: string): void {
    this.calls.push(call);
    const fault = this.faults.get(call)?.shift();
    if (fault !== undefined) throw fault;
  }
}
