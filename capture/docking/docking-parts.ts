import type { Clock } from "../../config/base/clock.ts";
import type { Counters } from "../../config/base/counters.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { Random } from "../../config/base/random.ts";
import type { ImportSource } from "../../crypto/entry/recording-types.ts";
import type { EvidenceWriter } from "../../crypto/entry/writer.ts";
import type { Importer } from "../import/importer.ts";
import type { BayState, Want } from "./bay-state.ts";
import type { DockAlarms, Presence } from "./presence.ts";

/** How a dock treats what is put into it. */
export interface DockPolicy {
  /** When files are removed from a recorder: once receipts cover all of them, when a person says so, or never. */
  readonly wipe: "after-receipts" | "on-order" | "never";
  /** Recorders that this dock has never had are imported all the same, and not wiped unless this says so. */
  readonly wipeUnknown: boolean;
  /** A recorder is ready with at least this much, in percent. */
  readonly minBatteryPct: number;
  /** A recorder's clock is on time within this. */
  readonly clockToleranceMs: number;
  /** What a recorder that cannot tell it is ready without. */
  readonly readyWithout: readonly Want[];
  /** So many files that the ledger knows by their claims are read again in each docking. */
  readonly recheckFiles: number;
}

/** What the ledger remembers of recorders and their files. */
export interface DockMemory {
  /** True if this dock has had a recorder of this serial before, or the configuration names it. */
  isKnown(serial: string): boolean;
  /** Who took it the last time, if that was signed. */
  lastWearer(serial: string): string | undefined;
  /** True if a `dock.doubt` is signed of this serial: what its recorders claim tells no file from another. */
  isDoubted(serial: string): boolean;
  /** What the disks called themselves that this recorder came back as in earlier dockings. */
  disksOf(serial: string): readonly string[];
  /** The newest whole import of a file with these claims, and with this digest if one is given; null: none. */
  importOf(claim: ImportSource, fileDigest?: string): FileImport | null;
  /** The recording of an import with these claims that ended before its file did; null: none. */
  unfinishedOf(claim: ImportSource): string | null;
  /** A pinned receipt that covers all of a recording, its stop included; null: none yet. */
  receiptOf(rec: string): CoveringReceipt | null;
}

export interface FileImport {
  rec: string;
  /** Plain SHA-256 of the whole file, hex. */
  fileDigest: string;
}

export interface CoveringReceipt {
  /** Hex digest of the envelope. */
  digest: string;
  receiver: string;
  size: number;
}

/** The one-pass import, as a docking uses it. */
export type FileImporter = Pick<Importer, "importFile" | "digestOf">;

export interface DockingParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: Counters;
  /** Chooses which known files are read again. */
  readonly random: Random;
  readonly alarms: DockAlarms;
  readonly presence: Presence;
  readonly writer: EvidenceWriter;
  readonly importer: FileImporter;
  readonly memory: DockMemory;
  readonly policy: DockPolicy;
}

export interface DockingOptions {
  readonly bay: string;
  /** Who has it, as told by the command line or a badge; asked anew when it matters. */
  readonly toldWearer: () => string | undefined;
  /** Paths of files that somebody wants first. */
  readonly preferred: () => ReadonlySet<string>;
  readonly onState: (state: BayState) => void;
}
