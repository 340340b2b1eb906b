import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "../measure/children.ts";
import { elapsedMs } from "../measure/timing.ts";

export interface YardstickUsage {
  wallMs: number;
  cpuMs: number;
}

/** What others do with the files of `card`, each into the folder of its own that it is given. */
export type Yardstick = (card: string, into: string) => string;

/** A copy, durable. */
export const copy: Yardstick = (card, into) => `cp ${card}/* ${into}/ && sync ${into}/*`;

/** The digest of each file. */
export const digest: Yardstick = (card) => `openssl dgst -sha256 ${card}/* > /dev/null`;

/** The same evidence from a shell: copied and hashed in one pass, signed, entered; chunks and resuming left out. */
export const pipeline: Yardstick = (card, into) => `
  openssl genpkey -algorithm ed25519 -out ${into}/key.pem
  sqlite3 ${into}/entries.db 'PRAGMA journal_mode = WAL; CREATE TABLE entries (body TEXT, sig BLOB)' > ${into}/mode
  for file in ${card}/*; do
    name=${into}/$(basename $file)
    tee $name < $file | openssl dgst -sha256 -r > $name.digest
    sync $name
    openssl pkeyutl -sign -inkey ${into}/key.pem -rawin -in $name.digest -out $name.sig
    sqlite3 ${into}/entries.db "INSERT INTO entries VALUES (readfile('$name.digest'), readfile('$name.sig'))"
  done`;

/** A repository that signs nothing, but authenticates. */
export const borg: Yardstick = (card, into) => `
  export BORG_PASSPHRASE=bench BORG_BASE_DIR=${into}/base
  borg init --encryption=authenticated ${into}/repository 2> ${into}/said
  borg create --compression none ${into}/repository::card ${card} && sync -f ${into}`;

export const restic: Yardstick = (card, into) => `
  export RESTIC_PASSWORD=bench
  restic --quiet --repo ${into}/repository init
  restic --quiet --repo ${into}/repository --cache-dir ${into}/cache backup --compression off ${card} && sync -f ${into}`;

export async function measure(yardstick: Yardstick, card: string, into: string): Promise<YardstickUsage> {
  const before = childrenCpuMs();
  const wallMs = await elapsedMs(() => run("sh", ["-ec", yardstick(card, into)]));
  return { wallMs, cpuMs: childrenCpuMs() - before };
}

export function isInstalled(command: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, command)));
}

/** Of all children that have ended so far, and theirs; Linux counts in ticks of 10 ms. */
function childrenCpuMs(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
