import { deviceVkey } from "../../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { openCheckpoint } from "../../../crypto/proof/note.ts";
import type { Have } from "../../wire/messages.ts";

/** How the receiver's copy and this ledger stand to each other (sync-protocol, "Forks and rollbacks"). */
export type Standing =
  | { kind: "agrees" }
  /** They differ, and nothing proves why: only checkpoints are sent. */
  | { kind: "unexplained"; detail: string }
  /** This very device signed a larger ledger: an old disk was put back. */
  | { kind: "rolled-back"; note: string }
  /** This very device signed other entries under the same numbers. */
  | { kind: "forked"; note: string };

export type JudgedLedger = Pick<LedgerReader, "size" | "root" | "deviceKey">;

/**
 * Judges each `have`. Only the device's own signature, on a note that contradicts the ledger here, can
 * prove a rollback or a fork: a receiver alone cannot talk a device out of its ledger.
 */
export class StandingJudge {
  readonly #ledger: JudgedLedger;
  /** The last that agreed: the ledger only grows, so what agreed once agrees for ever. */
  #agreed: { size: number; root: Buffer } | null = null;
  #agreedNote: string | null = null;

  constructor(ledger: JudgedLedger) {
    this.#ledger = ledger;
  }

  judge({ size, root, checkpoint }: Have): Standing {
    const contradiction = checkpoint === undefined ? null : this.#contradiction(checkpoint);
    if (contradiction !== null) return contradiction;
    if (this.#agreed?.size === size && this.#agreed.root.equals(root)) return { kind: "agrees" };
    const own = this.#ledger.size();
    if (size > own) return { kind: "unexplained", detail: `receiver holds ${size} entries of ${own}` };
    if (!this.#ledger.root(size).equals(root)) {
      return { kind: "unexplained", detail: `another root at size ${size}` };
    }
    this.#agreed = { size, root };
    return { kind: "agrees" };
  }

  /** What this device's own signature under a note proves against the ledger here; null: nothing. */
  #contradiction(text: string): Standing | null {
    if (text === this.#agreedNote) return null;
    const note = this.#openOwn(text);
    if (note === null) return null;
    if (note.size > this.#ledger.size()) return { kind: "rolled-back", note: text };
    if (!this.#ledger.root(note.size).equals(note.root)) return { kind: "forked", note: text };
    this.#agreedNote = text;
    return null;
  }

  #openOwn(text: string) {
    try {
      return openCheckpoint(text, deviceVkey(this.#ledger.deviceKey));
    } catch {
      // not this device's signature: it proves nothing about this device
      return null;
    }
  }
}
