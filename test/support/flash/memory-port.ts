import type { DevicePort } from "../../../agent/flash/writing/device-port.ts";

/** What is wrong with a disk that is only memory; positions are bytes. */
export interface Faults {
  /** Gives back another byte there than it was given. */
  liesAt?: number;
  /** Claims `bytes`, and has nothing from there on: writes are taken, reads end. */
  endsAt?: number;
  /** Writes that reach this byte fail so. */
  write?: { at: number; code: string };
  read?: { at: number; code: string };
  sync?: string;
  /** Takes and gives at most so much at once. */
  piece?: number;
}

/** A disk that is only memory, and keeps a diary of what was asked of it. */
export class MemoryPort implements DevicePort {
  readonly bytes: number;
  readonly alignment: number;
  readonly isDirect = true;
  isDisk = true;
  readonly content: Buffer;
  readonly diary: string[] = [];
  faults: Faults;

  constructor(bytes: number, faults: Faults = {}, alignment = 512) {
    this.bytes = bytes;
    this.alignment = alignment;
    this.faults = faults;
    this.content = Buffer.alloc(bytes, 0xa5);
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    this.diary.push(`read ${at}`);
    const end = Math.min(this.faults.endsAt ?? this.bytes, this.bytes);
    const bytes = Math.max(0, Math.min(into.length, end - at, this.faults.piece ?? into.length));
    failIf(this.faults.read, at, bytes);
    into.set(this.content.subarray(at, at + bytes));
    const lie = (this.faults.liesAt ?? -1) - at;
    if (lie >= 0 && lie < bytes) into[lie] = (into[lie] as number) ^ 1;
    return bytes;
  }

  async write(from: Uint8Array, at: number): Promise<number> {
    this.diary.push(`write ${at}`);
    const bytes = Math.max(0, Math.min(from.length, this.bytes - at, this.faults.piece ?? from.length));
    failIf(this.faults.write, at, bytes);
    this.content.set(from.subarray(0, bytes), at);
    return bytes;
  }

  async sync(): Promise<void> {
    this.diary.push("sync");
    if (this.faults.sync !== undefined) throw systemError(this.faults.sync);
  }

  async resize(): Promise<void> {}

  async close(): Promise<void> {
    this.diary.push("close");
  }
}

function failIf(fault: { at: number; code: string } | undefined, at: number, bytes: number): void {
  if (fault !== undefined && at <= fault.at && fault.at < at + bytes) throw systemError(fault.code);
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the kernel says`), { code });
}
