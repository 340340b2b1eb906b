import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { pino } from "pino";
import type { ImportOrder } from "../../../capture/import/import-job.ts";
import { Importer, type ImporterOptions } from "../../../capture/import/importer.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { deviceVkey } from "../../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { Ledger } from "../../../crypto/ledger/ledger.ts";
import { verifyDirectory } from "../../../crypto/ledger/verify/verify-directory.ts";
import type { LedgerOptions } from "../../../crypto/ledger/writer/options.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { ledgerOptions } from "../evidence.ts";
import { temporaryDirectory } from "../surroundings.ts";

/** A dock's ledger and importer over folders of the test's own, with a folder as the card. */
export class ImportBench {
  readonly dataDir: string;
  readonly card: string;
  readonly ledger: Ledger;
  readonly importer: Importer;
  readonly reader: LedgerReader;

  private constructor(folder: string, ledger: Ledger, importer: Importer) {
    this.dataDir = join(folder, "data");
    this.card = join(folder, "card");
    this.ledger = ledger;
    this.importer = importer;
    this.reader = LedgerReader.open(this.dataDir);
  }

  static async open(
    t: TestContext,
    changes: Partial<ImporterOptions> = {},
    ledgerChanges: Partial<LedgerOptions> = {},
    folder = temporaryDirectory(t),
  ): Promise<ImportBench> {
    const dataDir = join(folder, "data");
    mkdirSync(join(folder, "card"), { recursive: true });
    const ledger = await Ledger.open(ledgerOptions(dataDir, ledgerChanges), systemClock);
    const importer = Importer.open({
      writer: ledger,
      dataDir,
      keepFreeBytes: 0,
      recipients: ledgerChanges.recipients ?? [],
      random: systemRandom,
      clock: systemClock,
      log: pino({ level: "silent" }),
      chunkBytes: 1000,
      ...changes,
    });
    const bench = new ImportBench(folder, ledger, importer);
    t.after(() => bench.close());
    return bench;
  }

  /** Puts a file on the card and answers the order to import it. */
  file(path: string, content: Uint8Array, changes: Partial<ImportOrder["claim"]> = {}): ImportOrder {
    const place = join(this.card, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, content);
    return {
      claim: { serial: "0000123", path, bytes: content.length, ...changes },
      source: { kind: "path", path: place },
    };
  }

  /** The chunks of a recording joined: what was imported, where it is not sealed. */
  content(rec: string): Buffer {
    const store = new MediaStore(this.dataDir);
    return Buffer.concat(this.reader.media.of(rec).map(({ digest }) => readFileSync(store.path(digest))));
  }

  stop(rec: string): Record<string, unknown> {
    const row = this.reader.recordings.all().find((other) => other.rec === rec);
    return this.reader.body(row?.stopSeq as number);
  }

  async close(): Promise<void> {
    await this.importer.close().catch(() => {});
    this.reader.close();
    await this.ledger.end().catch(() => {});
  }
}

/** What a stranger says of the ledger. */
export async function verdictOf(dataDir: string): Promise<string> {
  const reader = LedgerReader.open(dataDir);
  const trust = { quorum: 0, devices: [deviceVkey(reader.deviceKey)], witnesses: [], custody: [] };
  reader.close();
  const report = await verifyDirectory({ dataDir, trust });
  return report.verdict;
}

export function sha256sum(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
