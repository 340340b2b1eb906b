import { AgentError } from "../../config/base/errors.ts";
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
} from "./recorder-driver.ts";

/** A recorder that can do nothing but say who it is: a driver adds what its own can, and throws `unsupported` for the rest. */
export abstract class BareRecorder implements RecorderDriver {
  abstract readonly name: DriverName;
  abstract readonly capabilities: ReadonlySet<Capability>;

  abstract identify(signal: AbortSignal): Promise<RecorderIdentity>;
  abstract close(): Promise<void>;

  battery(_signal: AbortSignal): Promise<BatteryLevel> {
    return this.lacks("battery");
  }

  readClock(_signal: AbortSignal): Promise<number> {
    return this.lacks("clock-read");
  }

  setClock(_utcMs: number, _signal: AbortSignal): Promise<void> {
    return this.lacks("clock-set");
  }

  readWearer(_signal: AbortSignal): Promise<Wearer> {
    return this.lacks("wearer-read");
  }

  writeWearer(_wearer: Wearer, _signal: AbortSignal): Promise<void> {
    return this.lacks("wearer-write");
  }

  list(_signal: AbortSignal): AsyncIterable<Listed> {
    return this.#lackingAll("files");
  }

  sourceOf(_file: RecorderFile): ByteSource | null {
    return null;
  }

  read(
    _file: RecorderFile,
    _offset: number,
    _length: number,
    _signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    return this.#lackingAll("files");
  }

  remove(_file: RecorderFile, _signal: AbortSignal): Promise<void> {
    return this.lacks("remove");
  }

  showLamp(_lamp: BayLamp, _signal: AbortSignal): Promise<void> {
    return this.lacks("lamp");
  }

  restart(_signal: AbortSignal): Promise<void> {
    return this.lacks("restart");
  }

  switchToDisk(_signal: AbortSignal): Promise<void> {
    return this.lacks("switch-to-disk");
  }

  /** Throws `unsupported`. */
  protected async lacks(what: Capability): Promise<never> {
    throw new AgentError("unsupported", `${this.name}: ${what}`);
  }

  #lackingAll<Item>(what: Capability): AsyncIterable<Item> {
    return { [Symbol.asyncIterator]: () => ({ next: () => this.lacks(what) }) };
  }
}
