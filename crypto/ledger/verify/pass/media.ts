import { isDigestHex } from "../../../bytes/digest.ts";
import type { RangeSet } from "../../../bytes/ranges.ts";
import { MediaStore } from "../../../media/store.ts";
import type { Problem } from "../../../proof/verdict.ts";
import type { VerifyContext } from "../context.ts";
import type { JoinedImport, NamedFile } from "../read/scratch.ts";
import type { FileState } from "../work/hash-files.ts";

/** Files handed out together: small ones cost more to hand out than to read. */
const FILES_AT_ONCE = 16;
const MAX_DISAGREEMENTS = 1000;

/** Every media file that an entry names, read once (ledger-format §5, §7, §8). */
export class MediaPass {
  readonly #context: VerifyContext;
  readonly #purged: RangeSet;
  readonly #store: MediaStore;
  readonly #running = new Set<Promise<void>>();
  #failure: unknown = null;
  #done = 0;

  /** `purged` are the seqs that valid purges name. */
  constructor(context: VerifyContext, purged: RangeSet) {
    this.#context = context;
    this.#purged = purged;
    this.#store = new MediaStore(context.dataDir);
  }

  async run(): Promise<void> {
    const { scratch, findings, notes } = this.#context;
    scratch.index();
    const { recordings, ...totals } = scratch.totals();
    Object.assign(notes.media, totals);
    notes.recordings.count = recordings;
    for (const { seq, digest } of scratch.disagreements(MAX_DISAGREEMENTS)) {
      const detail = `media ${digest} has another length in an earlier entry`;
      findings.add({ code: "media-disagreement", seq, detail });
    }
    for (const whole of scratch.joinedImports()) await this.#handOut(whole.files, whole);
    let batch: NamedFile[] = [];
    for (const file of scratch.singleFiles()) {
      batch.push(file);
      if (batch.length < FILES_AT_ONCE) continue;
      await this.#handOut(batch, null);
      batch = [];
    }
    if (batch.length > 0) await this.#handOut(batch, null);
    await Promise.all(this.#running);
    if (this.#failure !== null) throw this.#failure;
    notes.media.unnamed = this.#countUnnamed();
  }

  async #handOut(files: readonly NamedFile[], whole: JoinedImport | null): Promise<void> {
    const { hashing, notes, progress } = this.#context;
    await hashing.room();
    if (this.#failure !== null) throw this.#failure;
    const run = this.#read(files, whole).catch((error: unknown) => {
      this.#failure ??= error;
    });
    this.#running.add(run);
    void run.then(() => this.#running.delete(run));
    progress({ phase: "media", done: this.#done, total: notes.media.bytes });
  }

  async #read(files: readonly NamedFile[], whole: JoinedImport | null): Promise<void> {
    const paths = files.map(({ digest, bytes }) => ({ digest, bytes, path: this.#store.path(digest) }));
    const { states, joined } = await this.#context.hashing.run({
      files: paths,
      joined: whole?.digest ?? null,
    });
    for (const [i, { digest, bytes }] of files.entries()) {
      this.#judge(digest, states[i] as FileState);
      this.#done += bytes;
    }
    if (!joined && whole !== null) {
      const detail = "the chunks joined are not the file that file_digest names";
      this.#context.findings.add({ code: "file-digest", seq: whole.stopSeq, detail });
    }
  }

  #judge(digest: string, state: FileState): void {
    if (state === "whole") return;
    const { scratch, findings, notes, allowPurged } = this.#context;
    const seqs = scratch.namings(digest);
    if (state === "missing") notes.media[seqs.every((seq) => this.#purged.has(seq)) ? "purged" : "missing"]++;
    for (const seq of seqs) {
      if (state !== "missing") findings.add(spoilt(state, seq, digest));
      else if (!this.#purged.has(seq))
        findings.add({ code: "media-missing", seq, detail: `media ${digest}` });
      else if (!allowPurged)
        findings.add({ code: "media-purged", seq, detail: `media ${digest} was purged` });
    }
  }

  /** Files below `media/` that no entry names: no fault of the ledger's, but somebody should know. */
  #countUnnamed(): number {
    let unnamed = 0;
    for (const { name } of this.#store.files()) {
      if (!isDigestHex(name) || !this.#context.scratch.isNamed(name)) unnamed++;
    }
    return unnamed;
  }
}

function spoilt(state: "altered" | "unreadable", seq: number, digest: string): Problem {
  return state === "altered"
    ? { code: "media-altered", seq, detail: `media ${digest} has other bytes than its name says` }
    : { code: "media-unreadable", seq, detail: `media ${digest} cannot be read` };
}
