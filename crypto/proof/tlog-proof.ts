import { AgentError } from "../../config/base/errors.ts";
import { inclusionProof, type NodeSource, verifyInclusion } from "./merkle.ts";
import { parseNote } from "./note.ts";

/** The proof text of C2SP tlog-proof: one entry's place in the tree of a checkpoint, with that checkpoint. */

const HEADER = "c2sp.org/tlog-proof@v1";

/**
 * The proof that `leaf` is entry `index` of the tree that `note` speaks of, tried before it is given out.
 * Throws `bad-note`, `bad-proof-request`, or `proof-contradicted` where the tree is not the note's.
 */
export function tlogProof(index: number, leaf: Buffer, note: string, nodes: NodeSource): string {
  const { size, root } = parseNote(note);
  const path = inclusionProof(index, size, nodes);
  if (!verifyInclusion(leaf, index, size, path, root))
    throw new AgentError("proof-contradicted", `entry ${index} in the checkpoint of ${size}`);
  return [HEADER, `index ${index}`, ...path.map((hash) => hash.toString("base64")), "", note].join("\n");
}
