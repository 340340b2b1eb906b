import { createHash } from "node:crypto";
import { pino } from "pino";
import { Alarms } from "../../../agent/alarms.ts";
import type { BayState } from "../../../capture/docking/bay-state.ts";
import { Docking, type LinkEnd } from "../../../capture/docking/docking.ts";
import type {
  CoveringReceipt,
  DockingParts,
  DockMemory,
  DockPolicy,
  FileImport,
  FileImporter,
} from "../../../capture/docking/docking-parts.ts";
import { Presence } from "../../../capture/docking/presence.ts";
import type { ImportedFile, ImportOrder } from "../../../capture/import/import-job.ts";
import { Counters } from "../../../config/base/counters.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { ImportSource } from "../../../crypto/entry/recording-types.ts";
import type { ByteSource } from "../../../drivers/recorders/recorder-driver.ts";
import { MemoryWriter } from "../memory-writer.ts";
import { ManualClock, seededRandom } from "../surroundings.ts";
import { eventually } from "../waiting.ts";
import { ScriptedRecorder } from "./scripted-recorder.ts";

export const POLICY: DockPolicy = {
  wipe: "after-receipts",
  wipeUnknown: false,
  minBatteryPct: 80,
  clockToleranceMs: 2000,
  readyWithout: [],
  recheckFiles: 0,
};

/** What a dock's ledger remembers, as a test says. */
class ScriptedMemory implements DockMemory {
  readonly known = new Set(["A000001"]);
  readonly doubted = new Set<string>();
  readonly disks = new Map<string, string[]>();
  /** By claim, the newest last. */
  readonly imports = new Map<string, FileImport[]>();
  readonly receipted = new Set<string>();
  wearers = new Map<string, string>();
  allReceipted = false;

  isKnown(serial: string): boolean {
    return this.known.has(serial);
  }

  lastWearer(serial: string): string | undefined {
    return this.wearers.get(serial);
  }

  isDoubted(serial: string): boolean {
    return this.doubted.has(serial);
  }

  disksOf(serial: string): readonly string[] {
    return this.disks.get(serial) ?? [];
  }

  importOf(claim: ImportSource, fileDigest?: string): FileImport | null {
    const imports = this.imports.get(JSON.stringify(claim)) ?? [];
    return imports.findLast((one) => fileDigest === undefined || one.fileDigest === fileDigest) ?? null;
  }

  remember(claim: ImportSource, imported: FileImport): void {
    const key = JSON.stringify(claim);
    this.imports.set(key, [...(this.imports.get(key) ?? []), imported]);
  }

  unfinishedOf(): string | null {
    return null;
  }

  receiptOf(rec: string): CoveringReceipt | null {
    const covers = this.allReceipted || this.receipted.has(rec);
    return covers ? { digest: "ab".repeat(32), receiver: "district.example", size: 100 } : null;
  }
}

/** Reads a scripted card in one go; the claim decides what is remembered, as in the real one. */
class ScriptedImporter implements FileImporter {
  readonly imported: ImportOrder[] = [];
  /** Files that do not come whole, and why. */
  readonly torn = new Map<string, string>();
  readonly faults = new Map<string, string[]>();
  /** Files whose import was begun before this docking, from a card that had this. */
  readonly begun = new Map<string, Buffer>();
  readonly #bench: DockingBench;

  constructor(bench: DockingBench) {
    this.#bench = bench;
  }

  async importFile(order: ImportOrder): Promise<ImportedFile> {
    const { path } = order.claim;
    const code = this.faults.get(path)?.shift();
    if (code !== undefined) throw new AgentError(code, path);
    this.imported.push(order);
    const rec = `rec-${this.imported.length}`;
    const torn = this.torn.get(path);
    const halves = this.begun.get(path);
    this.begun.delete(path);
    const digest = halves === undefined ? await this.digestOf(order.source) : sha256(halves);
    const fileDigest = torn === undefined ? digest : null;
    if (fileDigest !== null) this.#bench.memory.remember(order.claim, { rec, fileDigest });
    return {
      rec,
      reason: torn ?? "imported",
      fileDigest,
      chunks: 1,
      bytes: order.claim.bytes,
      startSeq: halves === undefined ? this.#bench.writer.entries.length : -1,
      stopSeq: 2,
    };
  }

  async digestOf(source: ByteSource): Promise<string> {
    return this.#digest(source.kind === "path" ? source.path : source.file.path);
  }

  #digest(path: string): string {
    const content = this.#bench.recorder.card[path]?.content;
    if (content === undefined) throw new AgentError("file-gone", path);
    return sha256(content);
  }
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A docking with everything around it scripted, and a clock that stands still. */
export class DockingBench {
  readonly clock: ManualClock;
  readonly writer: MemoryWriter;
  readonly memory: ScriptedMemory;
  readonly counters: Counters;
  readonly alarms: Alarms;
  readonly presence: Presence;
  readonly recorder: ScriptedRecorder;
  readonly importer: ScriptedImporter;
  readonly states: BayState[] = [];
  /** Everything around a docking. */
  readonly parts: DockingParts;
  readonly docking: Docking;
  readonly preferred = new Set<string>();
  toldWearer: string | undefined;
  #plug = new AbortController();

  /** With `beside`, another bay of the same dock: bay 4. */
  constructor(policy: Partial<DockPolicy> = {}, beside?: DockingBench) {
    this.clock = beside?.clock ?? new ManualClock();
    this.writer = beside?.writer ?? new MemoryWriter();
    this.memory = beside?.memory ?? new ScriptedMemory();
    this.counters = beside?.counters ?? new Counters();
    this.alarms = beside?.alarms ?? new Alarms(this.clock, pino({ level: "silent" }));
    this.presence = beside?.presence ?? new Presence(this.alarms);
    this.recorder = new ScriptedRecorder(() => this.clock.utcMs());
    this.importer = new ScriptedImporter(this);
    this.parts = {
      clock: this.clock,
      log: pino({ level: "silent" }),
      counters: this.counters,
      random: seededRandom("docking"),
      alarms: this.alarms,
      presence: this.presence,
      writer: this.writer,
      importer: this.importer,
      memory: this.memory,
      policy: { ...POLICY, ...policy },
    };
    this.docking = new Docking(this.parts, {
      bay: beside === undefined ? "3" : "4",
      toldWearer: () => this.toldWearer,
      preferred: () => this.preferred,
      onState: (state) => this.states.push(state),
    });
  }

  insert(): Promise<LinkEnd> {
    this.#plug.abort();
    this.#plug = new AbortController();
    return this.docking.run(this.recorder, this.#plug.signal);
  }

  /** Resolves when the bay has come to this state; time passes as often as it takes. */
  async until(kind: BayState["kind"], stepMs = 0): Promise<BayState> {
    await eventually(`the bay is ${kind}, now ${JSON.stringify(this.docking.state)}`, () => {
      if (stepMs > 0) this.clock.advance(stepMs);
      return this.docking.state.kind === kind;
    });
    return this.docking.state;
  }

  async take(reason = "taken"): Promise<void> {
    this.#plug.abort();
    await this.docking.end(reason);
  }

  kinds(): BayState["kind"][] {
    return this.states.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1]);
  }
}
