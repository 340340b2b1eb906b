import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { SigningKey } from "../../keys/ed25519.ts";
import { COSIGNATURE, type VerifierKey, verifierKey } from "../../keys/vkey.ts";
import {
  cosign,
  isLineOf,
  type Note,
  openCheckpoint,
  parseNote,
  parseSignatureLine,
  verifyCosignature,
} from "../../proof/note.ts";
import type { LedgerStore } from "../db/store.ts";
import type { ForkProofs } from "./fork-proofs.ts";

export interface WitnessParts {
  store: LedgerStore;
  device: VerifierKey;
  /** The receiver's own witness key. */
  name: string;
  key: SigningKey;
  /** Other witnesses whose lines are kept. */
  others: readonly VerifierKey[];
  clock: Clock;
  forks: ForkProofs;
}

/** `beyond`: of entries that the replica does not hold yet. */
export type OfferOutcome = { kind: "beyond" } | { kind: "held"; size: number; lines: string[] };

/**
 * Cosigns a device's checkpoints (ledger-format §6): only a root computed from the verified replica,
 * and never below what it cosigned before.
 */
export class Witness {
  readonly #parts: WitnessParts;
  readonly #pinned: readonly VerifierKey[];
  readonly #own: VerifierKey;
  #newestCosigned: number;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
    this.#own = verifierKey(parts.name, COSIGNATURE, parts.key.publicKey);
    this.#pinned = [this.#own, ...parts.others];
    this.#newestCosigned = parts.store.reader.newestCosigned()?.size ?? 0;
  }

  /**
   * Takes a checkpoint note; answers the cosignature lines that are stored for its size, durably.
   * Throws `bad-entry` for a note that the device did not sign, `fork` for one that contradicts the replica.
   */
  offer(text: string): OfferOutcome {
    const note = this.#read(text);
    const { store } = this.#parts;
    if (note.size > store.size) return { kind: "beyond" };
    if (!store.reader.root(note.size).equals(note.root)) {
      this.#parts.forks.keepCheckpoint(note.size, note.root.toString("hex"), text);
      throw new AgentError("fork", `checkpoint of size ${note.size}`);
    }
    return { kind: "held", size: note.size, lines: this.#store(note) };
  }

  #read(text: string): Note {
    try {
      const note = openCheckpoint(text, this.#parts.device);
      if (note.size === 0) throw new AgentError("bad-note", "no entry, nothing to cosign");
      return note;
    } catch (cause) {
      throw new AgentError("bad-entry", cause instanceof Error ? cause.message : "checkpoint", { cause });
    }
  }

  /** Adds what is new for this size; answers all cosignature lines stored. */
  #store(note: Note): string[] {
    const { store } = this.#parts;
    const row = store.reader.checkpoint(note.size);
    const stored = row === null ? note : parseNote(row.note);
    const [own, ...before] = stored.lines.map(({ text }) => text);
    const lines = this.#merge(note, row === null ? [] : before);
    const full = `${stored.text}\n${[own, ...lines].join("\n")}\n`;
    if (row === null) store.add({ entries: [], checkpoints: [{ size: note.size, note: full }] });
    else if (full !== row.note) store.replaceNote(note.size, full);
    if (lines.length > 0) this.#newestCosigned = Math.max(this.#newestCosigned, note.size);
    return lines;
  }

  /** The stored lines, then those of the note by pinned witnesses that have none, then our own. */
  #merge(note: Note, stored: readonly string[]): string[] {
    const lines = stored.map(parseSignatureLine);
    for (const witness of this.#pinned) {
      if (lines.some((line) => isLineOf(line, witness))) continue;
      const brought = note.lines.find((line) => verifyCosignature(note.text, line, witness) !== null);
      if (brought !== undefined) lines.push(brought);
      else if (witness === this.#own && note.size >= this.#newestCosigned)
        lines.push(parseSignatureLine(this.#cosign(note)));
    }
    return lines.map(({ text }) => text);
  }

  #cosign({ dev, size, root }: Note): string {
    const { clock, name, key } = this.#parts;
    return cosign({ dev, size, root }, Math.floor(clock.utcMs() / 1000), name, key);
  }
}
