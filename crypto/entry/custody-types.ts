/** Who has the evidence, and what may be let go (ledger-format §5). */

export interface CustodyReceipt {
  type: "custody.receipt";
  receipt: string;
  receiver: string;
  size: number;
}

export interface CustodyPurge {
  type: "custody.purge";
  seqs: [number, number][];
  reason: string;
  policy: string;
  receipt: string;
}

export interface CustodyExport {
  type: "custody.export";
  package: string;
  to: string;
  seqs: [number, number][];
}
