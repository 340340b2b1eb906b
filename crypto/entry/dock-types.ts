import type { MediaFields } from "./media-fields.ts";

/** What a dock says of the recorders in its bays (ledger-format §5). */

export interface DockAttach {
  type: "dock.attach";
  bay: string;
  serial: string;
  model: string;
  wearer?: string;
  driver: string;
}

export interface DockDetach extends Omit<DockAttach, "type"> {
  type: "dock.detach";
  reason: string;
}

/** The recorder's clock as it was found, and whether it is on time now. `offset_ms`: how far it was ahead. */
export interface DockClock {
  type: "dock.clock";
  bay: string;
  serial: string;
  dock_utc_ms: number;
  offset_ms?: number;
  on_time: boolean;
}

/** Every file of a card and what became of it: the media is that list, as canonical JSON. */
export interface DockInventory extends MediaFields {
  type: "dock.inventory";
  bay: string;
  serial: string;
  mime: string;
  /** What the disk called itself that the recorder came back as. */
  disk?: string;
}

/** A file that is removed from a recorder, signed before it goes: what it was, where it is kept, who holds it. */
export interface DockWipe {
  type: "dock.wipe";
  bay: string;
  serial: string;
  path: string;
  bytes: number;
  /** Recording that it was imported as, and the digest that the card's file still had. */
  rec: string;
  file_digest: string;
  /** Hex digest of a receipt that covers all of that recording. */
  receipt: string;
}

/** What a recorder claims tells no file from another: another recorder has its serial, a file was changed, or it came back as another disk. */
export type DockDoubt = {
  type: "dock.doubt";
  bay: string;
  serial: string;
} & (
  | {
      code: "recorder-twice";
      /** Bay of the one that was there before. */
      other: string;
    }
  | {
      code: "changed-since-import";
      path: string;
      /** The import that the claims of the file are those of. */
      rec: string;
      /** Hex SHA-256 of what lies on the card under these claims now. */
      found: string;
    }
  | {
      code: "other-disk";
      /** What it calls itself; no earlier docking of this recorder had it. */
      disk: string;
    }
);

export interface DockAccount {
  type: "dock.account";
  bay: string;
  serial: string;
  /** Files and their bytes that were on the card in this docking. */
  files: number;
  bytes: number;
  /** How many of them the ledger holds whole, and how many of these only since this docking. */
  imported: number;
  fresh: number;
  /** False: it was taken before its card was listed. */
  listed: boolean;
  /** What the ledger does not hold: how many, and the first of them. */
  left_out: number;
  skipped: { path: string; reason: string }[];
  wiped: number;
  /** Digest of the media of its `dock.inventory`. */
  inventory: string;
}
