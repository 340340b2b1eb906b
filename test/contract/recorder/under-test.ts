import type { RecorderDriver } from "../../../drivers/recorders/recorder-driver.ts";

/** A file on the simulated card. */
export interface CardFile {
  /** As `list` has to tell it. */
  path: string;
  bytes: Uint8Array;
  /** Whole, even seconds: no card's file system knows less. */
  modifiedMs: number;
}

/** What a test sees and does behind the driver's back. Wanted of every driver that declares `files`. */
export interface CardUnderTest {
  /** What lies at `path` now; null: nothing. */
  bytesOf(path: string): Uint8Array | null;
  /** Takes away what lies there and puts another file in its place. */
  replace(file: CardFile): void;
  /** Pulls the recorder out when `bytes` more bytes of its files have been read. */
  unplugAfter(bytes: number): void;
}

/** A driver over a simulated recorder. */
export interface RecorderUnderTest {
  driver: RecorderDriver;
  card?: CardUnderTest;
  /** UTC that the recorder's clock shows; wanted of every driver that declares a clock. */
  clockMs?: () => number;
  /** The recorder answers nothing from now on, its cable still in; absent where nothing could hang. */
  hang?: () => void;
  /** What it was asked that no driver may ever ask; looked at after every check. */
  trespasses?: () => readonly string[];
  /** Pulls it out. */
  unplug(): void;
  /** Plugs it in again, and opens it as a dock would. The former driver may still be open. */
  replug(): Promise<RecorderDriver>;
  /** Takes everything away that the simulation needed; drivers have been closed before. */
  dispose(): Promise<void>;
}

/** A recorder with `files` on its card; none where the driver knows no files. */
export type MakeRecorder = (files: readonly CardFile[]) => Promise<RecorderUnderTest>;

/** Rejects if a driver does not keep its part. */
export type RecorderCheck = (make: MakeRecorder) => Promise<void>;
