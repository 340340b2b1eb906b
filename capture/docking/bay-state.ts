import type { BayLamp } from "../../drivers/recorders/recorder-driver.ts";

/**
 * Where a bay stands, in the order in which a docking goes through it. `kept` and `fault` are ends that a
 * person must look at; `ready` is the only one that says: take it.
 */
export type BayState =
  | { kind: "empty" }
  | { kind: "identifying" }
  /** It has said who it is; `known`: this dock has had it before, or the configuration names it. */
  | { kind: "recognised"; known: boolean }
  | { kind: "setting-clock" }
  /** It is told to come back as a disk, and is awaited. */
  | { kind: "switching" }
  | { kind: "inventory" }
  | { kind: "importing" }
  /** The card is listed again: everything on it must be in the ledger. */
  | { kind: "verifying" }
  | { kind: "awaiting-receipts" }
  | { kind: "clearing" }
  /** Nothing on it is in want of custody, and something still keeps it from being ready. */
  | { kind: "cleared"; wants: Want[] }
  /** Files stay on it, and why. */
  | { kind: "kept"; reasons: KeepReason[] }
  | { kind: "ready" }
  /** No recorder, or one that this dock is not to empty. */
  | { kind: "refused"; code: string; detail: string }
  | { kind: "fault"; code: string; detail: string };

export type BayStateKind = BayState["kind"];

/** What a recorder whose evidence is safe still lacks. */
export type Want = "clock" | "battery" | "recording";

/** Why files stay on a recorder. */
export type KeepReason =
  | "policy"
  | "on-order"
  | "unknown-recorder"
  | "cannot-remove"
  | "not-imported"
  | "skipped"
  | "not-receipted"
  | "changed-since-import"
  | "not-removed"
  | "recorder-twice"
  | "other-disk";

/** Codes of what is not let in at all; every other is a fault. */
const REFUSALS: ReadonlySet<string> = new Set(["not-a-recorder", "recorder-twice", "usb-quarantine"]);

/** Where a bay stands that an error has ended. */
export function endedBy(code: string, detail: string): Extract<BayState, { code: string }> {
  return { kind: REFUSALS.has(code) ? "refused" : "fault", code, detail };
}

/** A docking may end at any moment: `empty` follows everything. */
const MAY_FOLLOW: Readonly<Record<BayStateKind, readonly BayStateKind[]>> = {
  empty: ["identifying", "refused", "inventory"],
  identifying: ["recognised", "refused", "fault"],
  // a recorder that syncs by itself has nothing to be imported
  recognised: ["setting-clock", "switching", "inventory", "awaiting-receipts", "cleared", "ready", "fault"],
  "setting-clock": ["switching", "inventory", "awaiting-receipts", "cleared", "ready", "fault"],
  switching: ["inventory", "refused", "fault"],
  inventory: ["importing", "verifying", "fault"],
  importing: ["verifying", "fault"],
  verifying: ["importing", "awaiting-receipts", "cleared", "ready", "kept", "fault"],
  // what is recorded in the bay is imported too
  "awaiting-receipts": ["inventory", "clearing", "cleared", "ready", "kept", "fault"],
  clearing: ["inventory", "cleared", "ready", "kept", "fault"],
  cleared: ["inventory", "ready", "awaiting-receipts", "fault"],
  kept: ["clearing", "fault"],
  ready: ["inventory", "cleared", "awaiting-receipts", "fault"],
  refused: [],
  fault: [],
};

export function mayFollow(before: BayStateKind, after: BayStateKind): boolean {
  return after === "empty" || before === after || MAY_FOLLOW[before].includes(after);
}

/** What the recorder's own lamp, and the dock's, show. */
export function lampOf({ kind }: BayState): BayLamp {
  switch (kind) {
    case "empty":
      return "off";
    case "identifying":
    case "recognised":
    case "setting-clock":
    case "switching":
    case "inventory":
    case "importing":
    case "verifying":
    case "clearing":
      return "busy";
    case "awaiting-receipts":
    case "cleared":
      return "waiting";
    case "ready":
      return "ready";
    case "kept":
      return "kept";
    case "refused":
    case "fault":
      return "fault";
  }
}
