import { canonicalText } from "../bytes/canonical.ts";

/** One entry's place in the log, provable with this file and the trusted keys alone. */
export interface EntryProof {
  /** Seq of the entry. */
  index: number;
  /** Audit path of its leaf in the checkpoint's tree, RFC 9162 §2.1.3.1. */
  path: readonly Buffer[];
  /** Signed note with all its cosignature lines. */
  checkpoint: string;
  /** Canonical body, as signed. */
  body: Buffer;
  /** As the ledger stores them. */
  sigs: string;
  /** Envelope of a receipt that covers the entry, and its media if it names some. */
  receipt: string | null;
}

/**
 * The proof as a file: C2SP tlog-proof. Its extra data is canonical JSON `{body, sigs, receipt?}`, all three
 * as base64 of the stored bytes; H(0x00 ‖ body) is the leaf that is proven.
 */
export function tlogProof({ index, path, checkpoint, body, sigs, receipt }: EntryProof): string {
  const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString("base64");
  const extra = canonicalText({
    body: base64(body),
    sigs: base64(sigs),
    ...(receipt === null ? {} : { receipt: base64(receipt) }),
  });
  const lines = [
    "c2sp.org/tlog-proof@v1",
    `extra ${base64(extra)}`,
    `index ${index}`,
    ...path.map((hash) => base64(hash)),
  ];
  return `${lines.join("\n")}\n\n${checkpoint}`;
}
