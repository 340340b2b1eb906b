import { AgentError } from "../../../config/base/errors.ts";
import type { Inquiry, ScsiUnit } from "../scsi/scsi-unit.ts";
import {
  GAT947_CALLS,
  type Gat947Call,
  VENDOR_CALLS,
  type VendorCall,
  vendorCommand,
} from "./vendor-calls.ts";

const MIN_ID_LETTERS = 5;

/**
 * The eight calls of GA/T 947.4-2015 to one recorder with a JieLi chip. Bytes in and out are as on the wire. Each
 * call throws `recorder-gone`, `recorder-silent`, `recorder-answer`, and `recorder-refused` with the result code.
 * The signal is looked at before every command: one that is under way goes on to its end, as the transport wants it.
 */
export class Gat947Device {
  readonly #unit: ScsiUnit;

  constructor(unit: ScsiUnit) {
    this.#unit = unit;
  }

  /** Make and version, from SCSI. */
  inquiry(signal: AbortSignal): Promise<Inquiry> {
    signal.throwIfAborted();
    return this.#unit.inquiry();
  }

  async initDevice(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#unit.takeAttentions();
    // the vendors' library asks for no status here, only after the first call that follows
    await this.#send("Init_Device", "init", new Uint8Array(0), signal);
  }

  /** Code of maker and model, 5 to 8 letters. */
  async getIdCode(signal: AbortSignal): Promise<string> {
    const bytes = await this.#ask("GetIDCode", "idCode", signal, MIN_ID_LETTERS);
    const code = Buffer.from(bytes)
      .toString("latin1")
      .replace(/[\0 \xff]+$/, "");
    if (!/^[!-~]{5,8}$/.test(code))
      throw new AgentError("recorder-answer", `GetIDCode: ${code.length} letters or none that are`);
    return code;
  }

  /** 89 bytes, see `recorder-info.ts`. */
  getZfyInfo(signal: AbortSignal): Promise<Uint8Array> {
    return this.#ask("GetZFYInfo", "readInfo", signal);
  }

  async writeZfyInfo(info: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#send("WriteZFYInfo", "writeInfo", info, signal);
    await this.#checkResult("WriteZFYInfo", signal);
  }

  /** 7 bytes, see `device-time.ts`. */
  async syncDevTime(time: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#send("SyncDevTime", "setTime", time, signal);
    await this.#checkResult("SyncDevTime", signal);
  }

  /** Once the recorder has taken the command, dropping off the bus is what it should do. */
  async setMsdc(signal: AbortSignal): Promise<void> {
    const [card] = await this.#read("SetMSDC", "cardStatus", signal);
    if (card === 0) throw refused("SetMSDC", "no card");
    let taken = false;
    try {
      await this.#send("SetMSDC", "switchToDisk", new Uint8Array(0), signal, () => {
        taken = true;
      });
    } catch (error) {
      if (!(taken && error instanceof AgentError && error.code === "recorder-gone")) throw error;
    }
  }

  async readDeviceResolution(signal: AbortSignal): Promise<{ width: number; height: number }> {
    const bytes = Buffer.from(await this.#ask("ReadDeviceResolution", "resolution", signal));
    return { width: bytes.readUInt32LE(0), height: bytes.readUInt32LE(4) };
  }

  /** 0 to 100. */
  async readDeviceBatteryDumpEnergy(signal: AbortSignal): Promise<number> {
    const bytes = Buffer.from(await this.#ask("ReadDeviceBatteryDumpEnergy", "battery", signal));
    const percent = bytes.readUInt32LE(0);
    if (percent > 100) throw new AgentError("recorder-answer", `ReadDeviceBatteryDumpEnergy: ${percent} %`);
    return percent;
  }

  /** What it reads counts only if the recorder then says that it was right. */
  async #ask(
    call: Gat947Call,
    command: VendorCall,
    signal: AbortSignal,
    leastBytes?: number,
  ): Promise<Uint8Array> {
    const bytes = await this.#read(call, command, signal, leastBytes);
    await this.#checkResult(call, signal);
    return bytes;
  }

  async #checkResult(call: Gat947Call, signal: AbortSignal): Promise<void> {
    const [status] = await this.#read(call, "lastStatus", signal);
    if (status !== 0) throw refused(call, `status ${status}`);
  }

  async #read(
    call: Gat947Call,
    command: VendorCall,
    signal: AbortSignal,
    leastBytes: number = VENDOR_CALLS[command].bytes,
  ): Promise<Uint8Array> {
    signal.throwIfAborted();
    const { bytes } = VENDOR_CALLS[command];
    return withResult(call, this.#unit.read(call, vendorCommand(command), bytes, leastBytes));
  }

  async #send(
    call: Gat947Call,
    command: VendorCall,
    bytes: Uint8Array,
    signal: AbortSignal,
    onTaken?: () => void,
  ): Promise<void> {
    signal.throwIfAborted();
    await withResult(call, this.#unit.write(call, vendorCommand(command), bytes, onTaken));
  }
}

/** A command that SCSI itself refuses ends with the call's own result code, too. */
async function withResult<T>(call: Gat947Call, command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    if (error instanceof AgentError && error.code === "recorder-refused")
      throw refused(call, error.place, error);
    throw error;
  }
}

function refused(call: Gat947Call, why: string, cause?: AgentError): AgentError {
  const place = `${call}: result ${GAT947_CALLS[call].failed}, ${why}`;
  return new AgentError("recorder-refused", place, cause === undefined ? {} : { cause });
}
