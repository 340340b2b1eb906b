import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { Importer } from "../../../capture/import/importer.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { Ledger } from "../../../crypto/ledger/ledger.ts";
import { ledgerOptions } from "../evidence.ts";

/**
 * A process that imports every file of `card` in the folder of its first argument into `data` there, those that
 * the ledger has whole left out; says `chunk` for each chunk and `done` at the end.
 */
const folder = process.argv[2] as string;
const dataDir = join(folder, "data");
const ledger = await Ledger.open(ledgerOptions(dataDir), systemClock);
const reader = LedgerReader.open(dataDir);
const importer = Importer.open({
  writer: ledger,
  dataDir,
  keepFreeBytes: 0,
  recipients: [],
  random: systemRandom,
  clock: systemClock,
  log: pino({ level: "silent" }),
  chunkBytes: 1000,
});
const files = readdirSync(join(folder, "card")).map((name) => {
  const path = join(folder, "card", name);
  const claim = { serial: "S-1", path: name, bytes: statSync(path).size };
  return { claim, source: { kind: "path", path } as const };
});
const onProgress = () => void process.stdout.write("chunk\n");
await Promise.all(
  files
    .filter(({ claim }) => reader.imports.whole(claim) === null)
    .map((file) => {
      const before = reader.imports.newest(file.claim);
      const order = before === null ? file : { ...file, continues: before.rec };
      return importer.importFile(order, { onProgress });
    }),
);
await importer.close();
await ledger.close("done");
await ledger.end();
process.stdout.write("done\n");
