import * as v from "valibot";
import type { BayStateKind, KeepReason, Want } from "../../../capture/docking/bay-state.ts";

/** What a dock offers on the control socket. */

const name = () => v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const path = () => v.pipe(v.string(), v.minLength(1), v.maxLength(2048));

/** `bay` is a bay's name, or the serial number of the recorder in it. */
export const dockParams = {
  "dock.bays": v.strictObject({}),
  "dock.show": v.strictObject({ bay: name() }),
  "dock.first": v.strictObject({ bay: name(), path: v.exactOptional(path()) }),
  "dock.wipe": v.strictObject({ bay: name() }),
  "dock.wearer": v.strictObject({ bay: name(), wearer: name() }),
  "dock.hand-out": v.strictObject({ bay: name(), wearer: name() }),
};

/** One bay as the dock sees it. */
export interface BayStatus {
  bay: string;
  state: BayStateKind;
  since_ms: number;
  /** With `fault` and `refused`. */
  code?: string;
  detail?: string;
  /** With `kept`: why files stay; with `cleared`: what it lacks. */
  reasons?: (KeepReason | Want)[];
  recorder?: {
    serial: string;
    model: string;
    driver: string;
    wearer?: string;
    battery_pct?: number;
    /** How far its clock was ahead when it came. */
    clock_offset_ms?: number;
    on_time?: boolean;
  };
  /** Of a recorder that syncs by itself. */
  standing?: {
    recording: boolean;
    backlog_entries: number;
    backlog_bytes: number;
    oldest_ms: number;
    alarms: string[];
  };
  /** Once the card has been listed. */
  card?: {
    files: number;
    bytes: number;
    imported: number;
    fresh: number;
    failed: number;
    skipped: number;
    wiped: number;
    /** Imported, and not on the card any more, though the dock removed nothing. */
    gone: number;
    /** Bytes of whole imports and of those under way. */
    done_bytes: number;
  };
}

/** One file of a card, with what proves that it is kept elsewhere. */
export interface CardFileStatus {
  path: string;
  bytes: number;
  state: "pending" | "imported" | "failed" | "wiped" | "gone";
  reason?: string;
  rec?: string;
  file_digest?: string;
  /** Digest of the receipt that covers it, its receiver and the size of the ledger that it vouches for. */
  receipt?: { digest: string; receiver: string; size: number };
}

export interface BayAccount extends BayStatus {
  /** True: every file is in the ledger and under a receipt, and nothing was left out. */
  safe_to_wipe: boolean;
  /** Why not; empty when it is safe. */
  unsafe: KeepReason[];
  /** The first 1,000 files of the card. */
  listed: CardFileStatus[];
}

export interface DockResults {
  "dock.bays": { bays: BayStatus[] };
  "dock.show": BayAccount;
  "dock.first": { serial: string };
  "dock.wipe": { serial: string };
  "dock.wearer": { bay: string; wearer: string };
  "dock.hand-out": { serial: string; wearer: string };
}
