import type { BayState } from "../../../capture/docking/bay-state.ts";
import type { CardFile } from "../../../capture/docking/card/card-book.ts";
import { evidenceReasons } from "../../../capture/docking/card/wiping.ts";
import type { DockMemory } from "../../../capture/docking/docking-parts.ts";
import type { BayAccount, BayStatus, CardFileStatus } from "../../control/methods/dock-methods.ts";
import type { Bay } from "./bay.ts";

/** An answer on the control socket has 1 MiB. */
const MAX_FILES = 1000;

/** A bay as the control socket tells it. */
export function bayStatus(bay: Bay): BayStatus {
  const { name, state, sinceMs, docking } = bay;
  const introduced = docking?.introduced ?? null;
  const status: BayStatus = { bay: name, state: state.kind, since_ms: sinceMs, ...toldBy(state) };
  if (docking === null || introduced === null) return status;
  const { identity, driver, battery, clock } = introduced;
  const { wearer } = docking;
  status.recorder = {
    serial: identity.serial,
    model: identity.model,
    driver,
    ...(wearer === undefined ? {} : { wearer }),
    ...(battery === null ? {} : { battery_pct: battery.percent }),
    ...(clock === null ? {} : { on_time: clock.isOnTime }),
    ...(clock === null || clock.offsetMs === null ? {} : { clock_offset_ms: Math.round(clock.offsetMs) }),
  };
  const { standing } = docking;
  if (standing !== null) {
    status.standing = {
      recording: standing.isRecording,
      backlog_entries: standing.backlogEntries,
      backlog_bytes: standing.backlogBytes,
      oldest_ms: standing.oldestMs,
      alarms: standing.alarms,
    };
  }
  if (!docking.book.isListed) return status;
  const { files, bytes, imported, fresh, failed, skipped, wiped, gone, doneBytes } = docking.book.totals();
  status.card = {
    files,
    bytes,
    imported: imported + wiped + gone,
    fresh,
    failed,
    skipped,
    wiped,
    gone,
    done_bytes: doneBytes + docking.bytesUnderWay,
  };
  return status;
}

/** A bay with every file of its card, and whether the card may be wiped. */
export async function bayAccount(bay: Bay, memory: DockMemory): Promise<BayAccount> {
  const { docking } = bay;
  const unsafe =
    docking === null || !docking.book.isListed
      ? ["not-imported" as const]
      : await evidenceReasons(docking.book, memory, docking.isAlone);
  const listed: CardFileStatus[] = [];
  for (const entry of docking?.book.files() ?? []) {
    if (listed.length >= MAX_FILES) break;
    listed.push(fileStatus(entry, memory));
  }
  return { ...bayStatus(bay), safe_to_wipe: unsafe.length === 0, unsafe, listed };
}

function toldBy(state: BayState): Pick<BayStatus, "code" | "detail" | "reasons"> {
  switch (state.kind) {
    case "fault":
    case "refused":
      return { code: state.code, detail: state.detail };
    case "kept":
      return { reasons: state.reasons };
    case "cleared":
      return { reasons: state.wants };
    case "empty":
    case "identifying":
    case "recognised":
    case "setting-clock":
    case "switching":
    case "inventory":
    case "importing":
    case "verifying":
    case "awaiting-receipts":
    case "clearing":
    case "ready":
      return {};
  }
}

function fileStatus({ file, fate }: CardFile, memory: DockMemory): CardFileStatus {
  const claims = { path: file.path, bytes: file.bytes, state: fate.kind };
  switch (fate.kind) {
    case "pending":
      return claims;
    case "failed":
      return { ...claims, reason: fate.reason };
    case "imported":
    case "gone":
    case "wiped": {
      const receipt = memory.receiptOf(fate.rec);
      const proof = { rec: fate.rec, file_digest: fate.fileDigest };
      return { ...claims, ...proof, ...(receipt === null ? {} : { receipt }) };
    }
  }
}
