/**
 * What a dock can do with a recorder, whoever made it. One driver for each vendor protocol implements it;
 * the contract test of `test/contract/recorder-driver.ts` says what every one of them keeps.
 *
 * Everything a recorder says is a claim, parsed at the driver with bounds. Every call takes a signal and has
 * a time limit of its own. Errors are AgentErrors:
 *
 * | code | meaning | what the dock does |
 * |---|---|---|
 * | `recorder-gone` | unplugged, or its link is lost: what was read so far is good | waits for it to come back |
 * | `recorder-silent` | no answer in time | tries again, then keeps the recorder |
 * | `recorder-answer` | an answer that breaks the protocol: too long, too short, of another call | tries again, then keeps the recorder |
 * | `recorder-refused` | the recorder says no, with its own result code | tells it |
 * | `recorder-listing` | a listing that is endless, circular or larger than any card | keeps the recorder |
 * | `file-gone` | the file is not there any more, or is another one now | skips the file |
 * | `unsupported` | this driver's recorders cannot do it: not in `capabilities` | does without |
 */
export interface RecorderDriver {
  /** As `dock.attach` names it, such as `mtp`. */
  readonly name: DriverName;
  readonly capabilities: ReadonlySet<Capability>;

  /** Who it is. Asked first, and of every driver. */
  identify(signal: AbortSignal): Promise<RecorderIdentity>;
  battery(signal: AbortSignal): Promise<BatteryLevel>;
  /** What the recorder's clock shows, as UTC; whoever has no zone is read in the zone that the driver was opened with. */
  readClock(signal: AbortSignal): Promise<number>;
  /** Sets the recorder's clock. Resolves when the recorder has said that it did. */
  setClock(utcMs: number, signal: AbortSignal): Promise<void>;
  readWearer(signal: AbortSignal): Promise<Wearer>;
  writeWearer(wearer: Wearer, signal: AbortSignal): Promise<void>;
  /** Everything on the card, each file once; ends, or throws `recorder-listing`. */
  list(signal: AbortSignal): AsyncIterable<Listed>;
  /** Where an import thread reads the file; null: only through `read`. */
  sourceOf(file: RecorderFile): ByteSource | null;
  /**
   * The bytes from `offset` on, at most `length`, fewer only where the file ends. Each buffer is good until
   * the next is asked for. Throws `recorder-gone`, `recorder-answer`, `file-gone`.
   */
  read(file: RecorderFile, offset: number, length: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Deletes the file if it is still the one listed: same handle, path and length; else throws `file-gone`. */
  remove(file: RecorderFile, signal: AbortSignal): Promise<void>;
  /**
   * Keeps the card ready for all that `work` removes, and not longer, however it ends. Absent: each removal stands
   * for itself. Rejects with what `work` threw, and with `card-still-writable` before that.
   */
  withWriting?<Result>(work: () => Promise<Result>): Promise<Result>;
  showLamp(lamp: BayLamp, signal: AbortSignal): Promise<void>;
  restart(signal: AbortSignal): Promise<void>;
  /** Makes it come back as a disk: this link ends, and another device appears. */
  switchToDisk(signal: AbortSignal): Promise<void>;
  /** How it stands with its own evidence. Only recorders that sync by themselves have this. */
  standing?(signal: AbortSignal): Promise<SyncingStanding>;
  /** Ends the link; never throws. */
  close(): Promise<void>;
}

export const DRIVER_NAMES = ["gat947-jieli", "mass-storage", "mtp", "fulltrace"] as const;
export type DriverName = (typeof DRIVER_NAMES)[number];

/** What a driver's recorders can do beside telling who they are. */
export const CAPABILITIES = [
  "battery",
  "clock-read",
  "clock-set",
  "wearer-read",
  "wearer-write",
  "files",
  "remove",
  "lamp",
  "restart",
  "switch-to-disk",
] as const;
export type Capability = (typeof CAPABILITIES)[number];

export interface RecorderIdentity {
  /** What tells this recorder from all others of its make; never empty, at most 64 letters. */
  serial: string;
  model: string;
  firmware?: string;
}

export interface BatteryLevel {
  /** 0 to 100. */
  percent: number;
  milliVolts?: number;
  charging?: boolean;
}

/** Who has the recorder, as it has been told (GA/T 947.4: user and unit). */
export interface Wearer {
  id: string;
  name?: string;
  unitId?: string;
  unitName?: string;
}

/** A recorder that hands its evidence over by itself, and what it says of that. */
export interface SyncingStanding {
  isRecording: boolean;
  /** What is not at its receiver yet, and how old the oldest of it is. */
  backlogEntries: number;
  backlogBytes: number;
  oldestMs: number;
  /** Codes of its alarms. */
  alarms: string[];
}

export interface RecorderFile {
  /** By which the driver finds it again: bytes of a path, or an object handle. Nothing else may read it. */
  handle: string;
  /** Claimed name below the card's root, made harmless by `claimedPath`. Never a path of ours. */
  path: string;
  /** Claimed length. */
  bytes: number;
  /** Claimed time of the last change, as UTC; FAT's steps of 2 s in local time are told as they are. */
  modifiedMs?: number;
}

/** One thing on a card: a file, or something that is none and why it is left alone. */
export type Listed =
  | { kind: "file"; file: RecorderFile }
  | { kind: "skipped"; path: string; reason: SkipReason };

export const SKIP_REASONS = [
  "symlink",
  "special-file",
  "unreadable",
  "too-deep",
  "name-unusable",
  "other-filesystem",
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Where a thread finds the bytes of a file: plain data, so that it crosses into the thread. */
export type ByteSource =
  /** A file of a mounted card; opened without following links. `isLatin1`: its name is no UTF-8, and each letter is a byte. */
  | { kind: "path"; path: string; isLatin1?: true }
  /** A file behind the USB process: its data socket, and what to ask for there. */
  | { kind: "socket"; socket: string; link: string; file: RecorderFile };

/** What a bay's recorder shows to whoever stands before the dock. */
export type BayLamp = "off" | "busy" | "waiting" | "ready" | "kept" | "fault";

/** No listing is longer; a card of 512 GB holds fewer recordings of a minute at 2 Mbit/s. */
export const MAX_LISTED = 50_000;
/** No folder lies deeper. */
export const MAX_DEPTH = 32;
/** No file is larger. */
export const MAX_FILE_BYTES = 2 ** 44;
