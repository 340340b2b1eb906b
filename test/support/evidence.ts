import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { EvidenceStore } from "../../crypto/ledger/writer/evidence-store.ts";
import type { LedgerOptions } from "../../crypto/ledger/writer/options.ts";
import { ManualClock, seededRandom, temporaryDirectory } from "./surroundings.ts";

/** Options of a recorder's ledger, as the agent would pass them. */
export function ledgerOptions(dataDir: string, changes: Partial<LedgerOptions> = {}): LedgerOptions {
  return {
    dataDir,
    identity: { role: "recorder", model: "FT-1", serial: "000123", chunk_ms: 2000, heartbeat_ms: 60_000 },
    agentVersion: "0.1.0",
    configDigest: "c0".repeat(32),
    checkpointMs: 10_000,
    keepFreeBytes: 0,
    custody: [],
    witnesses: [],
    recipients: [],
    ...changes,
  };
}

/** A device's evidence store that can be killed and started again over one directory. */
export class TestDevice {
  readonly dataDir: string;
  readonly clock = new ManualClock();
  readonly #options: LedgerOptions;
  #runs = 0;
  #running: EvidenceStore | null = null;

  constructor(t: TestContext, changes: Partial<LedgerOptions> = {}) {
    this.dataDir = temporaryDirectory(t);
    this.#options = ledgerOptions(this.dataDir, changes);
    // kept to the end: a collected handle closes its database, which a killed recorder's never is
    t.after(() => this.#running);
  }

  /** Starts the writer; whatever ran before counts as killed unless it closed its ledger. */
  start(): EvidenceStore {
    this.#running?.end();
    const random = seededRandom(`run ${this.#runs++}`);
    this.#running = EvidenceStore.open(this.#options, {
      clock: this.clock,
      random,
      clockOrigin: () => ({ src: "rtc" }),
    });
    return this.#running;
  }
}

/** Records `seconds` of made-up media in 2 s chunks; answers the recording's id. */
export function recordInto(
  evidence: EvidenceStore,
  clock: ManualClock,
  seconds: number,
  stop = true,
): string {
  const rec: string = randomUUID();
  evidence.append({
    type: "recording.start",
    rec,
    origin: "live",
    trigger: "button",
    pre_event_ms: 0,
    tracks: [{ kind: "video", codec: "h264", width: 640, height: 360 }],
  });
  let bytes = 0;
  let n = 0;
  const add = (from_us: number, to_us: number, content: string) => {
    const fields = {
      rec,
      n: n++,
      from_us,
      to_us,
      key: from_us % 4e6 === 0 && to_us > 0,
      longest_us: to_us > 0 ? 40_000 : 0,
    };
    bytes += evidence.appendMedia({ type: "recording.chunk", ...fields }, [Buffer.from(content)]).bytes;
  };
  add(0, 0, "init");
  for (let from = 0; from < seconds * 1e6; from += 2e6) {
    clock.advance(2000);
    add(from, from + 2e6, `${rec} from ${from}`);
  }
  if (stop) evidence.append({ type: "recording.stop", rec, chunks: n, bytes, reason: "button" });
  return rec;
}
