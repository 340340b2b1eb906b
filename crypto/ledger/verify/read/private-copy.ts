import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import { forbidden, requireLedger } from "../../db/ledger-place.ts";

const ATTEMPTS = 5;
const WAL_HEADER_BYTES = 32;
/** What says that the place for the copy is at fault, not the ledger. */
const NO_ROOM = new Set(["ENOSPC", "EDQUOT", "EROFS"]);

/**
 * A copy of `ledger.db` and its write-ahead log in a directory of its own: SQLite cannot open a WAL
 * database in a read-only folder, and a verifier writes nothing beside the evidence, not even `-shm`.
 */
export class PrivateCopy {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * Copies a ledger that may be in use. Throws what `requireLedger` throws; `ledger-busy` when its writer kept
   * moving pages meanwhile; `copy-failed` when the temporary place cannot hold it; and what reading throws.
   */
  static async make(dataDir: string, temporaryRoot: string): Promise<PrivateCopy> {
    const source = requireLedger(dataDir);
    const copy = new PrivateCopy(mkdtempSync(join(temporaryRoot, "fulltrace-verify-")));
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (await copyWhileStill(source, copy.ledger)) return copy;
      }
    } catch (cause) {
      copy.remove();
      // its log may be another account's
      if (errorCode(cause) === "EACCES") throw forbidden(source, cause);
      if (!NO_ROOM.has(errorCode(cause))) throw cause;
      throw new AgentError("copy-failed", temporaryRoot, {
        cause,
        next: "set TMPDIR to a place with room for the ledger",
      });
    }
    copy.remove();
    throw new AgentError("ledger-busy", source, { next: "try again, or verify while nothing writes" });
  }

  get ledger(): string {
    return join(this.directory, "ledger.db");
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/**
 * True if the copy is one state of the database. A log that only grew is fine: SQLite reads it up to the
 * last whole transaction. Pages moved into the database, or a log begun anew, are not.
 */
async function copyWhileStill(source: string, target: string): Promise<boolean> {
  const before = fingerprint(source);
  await copyWritable(source, target);
  rmSync(`${target}-wal`, { force: true });
  if (existsSync(`${source}-wal`)) await copyWritable(`${source}-wal`, `${target}-wal`);
  return before === fingerprint(source);
}

async function copyWritable(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  chmodSync(target, 0o600);
}

function fingerprint(source: string): string {
  const { size, mtimeNs, ino } = statSync(source, { bigint: true });
  return `${ino} ${size} ${mtimeNs} ${walHeader(`${source}-wal`)}`;
}

/** The log's header holds two salts that change whenever it begins anew. */
function walHeader(path: string): string {
  if (!existsSync(path)) return "";
  const fd = openSync(path, "r");
  try {
    const header = Buffer.alloc(WAL_HEADER_BYTES);
    return header.toString("hex", 0, readSync(fd, header));
  } finally {
    closeSync(fd);
  }
}
