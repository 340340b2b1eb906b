/**
 * The entries of the ledger as ledger-format §2 and §5 define them: one type per `type`,
 * field names exactly as stored.
 */

import type {
  ActivityClose,
  ActivityDispute,
  ActivityDocument,
  ActivityLink,
  ActivityNote,
  ActivityOpen,
  ActivityTemplate,
  ActivityUnlink,
} from "./activity-types.ts";
import type { CustodyExport, CustodyPurge, CustodyReceipt } from "./custody-types.ts";
import type {
  DockAccount,
  DockAttach,
  DockClock,
  DockDetach,
  DockDoubt,
  DockInventory,
  DockWipe,
} from "./dock-types.ts";
import type { InspectionDraw, InspectionResult } from "./inspection-types.ts";
import type { Boot, ClockStep, Close, Epoch, Gap, Genesis, Heartbeat, UpdateStep } from "./ledger-types.ts";
import type { MediaFields } from "./media-fields.ts";
import type {
  ImportChunk,
  LiveChunk,
  Marker,
  Photo,
  RecordingStart,
  RecordingStop,
} from "./recording-types.ts";

/** Everything a caller may append: the writer alone makes genesis, epochs, boot and close. */
export type AppendableBody =
  | ClockStep
  | Heartbeat
  | UpdateStep
  | Gap
  | ActivityOpen
  | ActivityTemplate
  | ActivityDocument
  | ActivityNote
  | ActivityLink
  | ActivityUnlink
  | ActivityDispute
  | ActivityClose
  | InspectionDraw
  | InspectionResult
  | RecordingStart
  | LiveChunk
  | ImportChunk
  | Photo
  | Marker
  | RecordingStop
  | DockAttach
  | DockClock
  | DockWipe
  | DockDoubt
  | DockInventory
  | DockDetach
  | DockAccount
  | CustodyReceipt
  | CustodyPurge
  | CustodyExport;

export type EntryBody = Genesis | Epoch | Close | Boot | AppendableBody;

/** Bodies that name media, before the media store has filled in the media fields. */
export type MediaBody = Extract<AppendableBody, MediaFields>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type PendingMediaBody = DistributiveOmit<MediaBody, keyof MediaFields>;
