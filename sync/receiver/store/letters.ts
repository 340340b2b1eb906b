import type { Problem } from "../../../crypto/proof/verdict.ts";
import type { NackCode } from "../../wire/messages.ts";
import type { DownKind, UpSubject } from "../../wire/topics.ts";

/** What passes between the receiver's main thread and its writer thread: plain data. */

/** A message that the writer thread answers. */
export interface UpMessage {
  subject: Exclude<UpSubject, { kind: "health" | "want" }>;
  payload: Uint8Array;
}

/** Messages of one device, in the order in which they came. */
export interface DeviceBatch {
  dev: string;
  /** Bytes of unanswered media that the device is allowed from now on. */
  creditBytes: number;
  messages: UpMessage[];
}

export interface Letter {
  kind: DownKind;
  payload: Uint8Array;
}

export interface Refusal {
  code: NackCode;
  /** The topic after `up/`. */
  about: string;
  /** Code and place of what was found. */
  detail: string;
}

export interface DeviceAnswers {
  dev: string;
  /** To be published in this order. */
  letters: Letter[];
  refusals: Refusal[];
  /** Breaches of ledger-format §5 in entries that were stored. */
  problems: Problem[];
  /** What went wrong here, with nobody to tell but whoever runs the receiver. */
  troubles: string[];
  /** Null: the replica could not be opened. */
  replica: ReplicaState | null;
}

export interface ReplicaState {
  /** Entries held. */
  size: number;
  /** Entries whose media is missing. */
  missing: number;
  /** Proofs of a fork. */
  forks: number;
}
