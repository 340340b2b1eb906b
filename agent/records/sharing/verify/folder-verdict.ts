/** What can be wrong with an exported folder; told of one file each. */
export type FolderFaultCode =
  | "file-missing"
  | "file-altered"
  | "file-unlisted"
  | "not-a-file"
  | "device-unknown"
  | "checkpoint-forged"
  | "witnesses-too-few"
  | "entry-unproven"
  | "entry-malformed"
  | "entry-of-another"
  | "activity-missing"
  | "activity-retold"
  | "media-missing"
  | "media-altered"
  | "media-unproven"
  | "recording-cut"
  | "receipt-forged";

export interface FolderFault {
  /** Its name in the folder. */
  file: string;
  code: FolderFaultCode;
}

/** What a folder proves to whoever trusts these keys. */
export interface FolderVerdict {
  directory: string;
  dev: string;
  /** Entries below the checkpoint that all proofs lead to. */
  size: number;
  /** When a quorum had cosigned it, by the witnesses' clocks; null: too few did, or none was asked for. */
  cosigned_ms: number | null;
  /** Trusted witnesses that cosigned it. */
  witnesses: string[];
  /** As its proven opening says; null: none is proven. */
  activity: { activity: string; kind: string; title: string; opened_ms: number } | null;
  /** How many are proven. */
  entries: number;
  documents: number;
  recordings: number;
  photos: number;
  /** Receipts that a trusted custody key signed. */
  receipts: number;
  faults: FolderFault[];
  holds: boolean;
}
