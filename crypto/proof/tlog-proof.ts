import { AgentError } from "../../config/base/errors.ts";
import { canonicalText } from "../bytes/canonical.ts";
import { inclusionProof, type NodeSource, verifyInclusion } from "./merkle.ts";
import { parseNote } from "./note.ts";

/** The proof text of C2SP tlog-proof: one entry's place in the tree of a checkpoint, with that checkpoint. */

const HEADER = "c2sp.org/tlog-proof@v1";

/** The proven entry itself, for a proof that needs no other file. */
export interface ProvenEntry {
  /** Canonical body, as signed: H(0x00 ‖ body) is the leaf that is proven. */
  body: Buffer;
  /** As the ledger stores them. */
  sigs: string;
  /** Envelope of a receipt that covers the entry, and its media if it names some. */
  receipt: string | null;
}

/**
 * The proof that `leaf` is entry `index` of the tree that `note` speaks of, tried before it is given out. With
 * `entry`, its extra data is canonical JSON `{body, sigs, receipt?}`, all three as base64 of the stored bytes.
 * Throws `bad-note`, `bad-proof-request`, or `proof-contradicted` where the tree is not the note's.
 */
export function tlogProof(
  index: number,
  leaf: Buffer,
  note: string,
  nodes: NodeSource,
  entry?: ProvenEntry,
): string {
  const { size, root } = parseNote(note);
  const path = inclusionProof(index, size, nodes);
  if (!verifyInclusion(leaf, index, size, path, root))
    throw new AgentError("proof-contradicted", `entry ${index} in the checkpoint of ${size}`);
  return [
    HEADER,
    ...(entry === undefined ? [] : [`extra ${base64(extraOf(entry))}`]),
    `index ${index}`,
    ...path.map(base64),
    "",
    note,
  ].join("\n");
}

/** No proof of a ledger of 2^53 entries with one entry in it is longer. */
export const MAX_PROOF_BYTES = 128 * 1024;
const HASH_LINE = /^[A-Za-z0-9+/]{43}=$/;

/** True if the text is a proof, to this very checkpoint, that `leaf` is its entry `index`. Signatures are not looked at. */
export function provesEntry(proof: string, index: number, leaf: Buffer, note: string): boolean {
  const [head = "", ...rest] = proof.split("\n\n");
  if (rest.join("\n\n") !== note) return false;
  const [header, ...lines] = head.split("\n");
  const [place, ...hashes] = lines[0]?.startsWith("extra ") ? lines.slice(1) : lines;
  if (header !== HEADER || place !== `index ${index}` || !hashes.every((line) => HASH_LINE.test(line)))
    return false;
  const { size, root } = parseNote(note);
  const path = hashes.map((line) => Buffer.from(line, "base64"));
  return verifyInclusion(leaf, index, size, path, root);
}

function extraOf({ body, sigs, receipt }: ProvenEntry): string {
  return canonicalText({
    body: base64(body),
    sigs: base64(sigs),
    ...(receipt === null ? {} : { receipt: base64(receipt) }),
  });
}

function base64(bytes: string | Buffer): string {
  return Buffer.from(bytes).toString("base64");
}
