import type { Hello } from "../../wire/messages.ts";
import type { EntryBatch, Part } from "../outbox/outbox.ts";
import type { AlarmCode } from "./alarms.ts";

/** What the machine wants done next, one thing at a time. */
export type Action =
  | { kind: "hello"; hello: Hello }
  | { kind: "checkpoint"; note: string }
  | { kind: "entries"; batch: EntryBatch }
  | { kind: "part"; part: Part }
  /** Read the file and hash it again; the answer goes to `checkedOwnCopy`. */
  | { kind: "check-file"; digest: string };

/** What the machine tells the agent. */
export type SyncEvent =
  | { kind: "alarm"; code: AlarmCode; detail: string | null }
  /** The device's own signature contradicts its ledger: it is to archive this ledger and begin a new one. */
  | { kind: "contradicted"; how: "rolled-back" | "forked"; note: string }
  /** The receiver holds fewer entries than it has receipted: receipts above `size` authorise no purge until renewed. */
  | { kind: "receipts-suspended"; size: number };
