/**
 * The commands of JieLi recorders: a CDB of 16 bytes that the chip's mass storage passes on. Byte 0 and 1 say the
 * direction, byte 5 the command, bytes 6 and 7 how many bytes of data follow, big-endian. Source: the host library
 * that vendors publish for the chip (`USBJL.cpp`), and what was seen in the field.
 *
 * Command 0D, which reads the password back in clear, is left out on purpose and must not come in, and so are
 * those that change the password (0A), the identity code (0B) or everything at once (09).
 */
export const VENDOR_CALLS = {
  init: { code: 0x01, direction: "write", bytes: 0 },
  /** 5 to 8 letters, as the make has it. */
  idCode: { code: 0x02, direction: "read", bytes: 8 },
  readInfo: { code: 0x03, direction: "read", bytes: 89 },
  writeInfo: { code: 0x04, direction: "write", bytes: 89 },
  setTime: { code: 0x05, direction: "write", bytes: 7 },
  switchToDisk: { code: 0x06, direction: "write", bytes: 0 },
  resolution: { code: 0x07, direction: "read", bytes: 8 },
  battery: { code: 0x08, direction: "read", bytes: 4 },
  cardStatus: { code: 0x0c, direction: "read", bytes: 4 },
  lastStatus: { code: 0x0e, direction: "read", bytes: 4 },
} as const;

export type VendorCall = keyof typeof VENDOR_CALLS;

const TOWARDS_HOST = [0xfd, 0x81] as const;
const TOWARDS_RECORDER = [0xfb, 0x82] as const;
const COMMAND_BYTES = 16;

export function vendorCommand(call: VendorCall): Uint8Array {
  const { code, direction, bytes } = VENDOR_CALLS[call];
  const command = new Uint8Array(COMMAND_BYTES);
  command.set(direction === "read" ? TOWARDS_HOST : TOWARDS_RECORDER, 0);
  command[5] = code;
  command[7] = bytes;
  return command;
}

/**
 * Result codes of GA/T 947.4-2015. The host makes them from what the recorder says: a command that the transport
 * calls passed (the BOOL of vendors' libraries) may still have failed, and only the last status tells.
 * 3 and 4 are the vendors' password check, which reads the password back: it is never made here.
 */
export const GAT947_CALLS = {
  Init_Device: { done: 1, failed: 2 },
  GetIDCode: { done: 1, failed: 2 },
  GetZFYInfo: { done: 1, failed: 2 },
  WriteZFYInfo: { done: 1, failed: 2 },
  SyncDevTime: { done: 5, failed: 6 },
  SetMSDC: { done: 7, failed: 8 },
  ReadDeviceResolution: { done: 1, failed: 2 },
  ReadDeviceBatteryDumpEnergy: { done: 1, failed: 2 },
} as const;

export type Gat947Call = keyof typeof GAT947_CALLS;
