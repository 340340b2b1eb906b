import { join } from "node:path";
import Database from "better-sqlite3";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Db } from "./schema.ts";

/**
 * The right to write below a directory, held by one process at a time. It is SQLite's own file lock,
 * which the kernel takes back when its holder dies, however it dies.
 */
export class DirectoryLock {
  readonly #db: Db;

  private constructor(db: Db) {
    this.#db = db;
  }

  /** Throws `store-locked` at once when another holds it. */
  static take(directory: string): DirectoryLock {
    const path = join(directory, "writer.lock");
    const db = new Database(path, { timeout: 0 });
    try {
      db.exec("BEGIN EXCLUSIVE");
    } catch (cause) {
      db.close();
      throw new AgentError("store-locked", path, {
        cause,
        next: "stop the other agent that uses this directory",
      });
    }
    return new DirectoryLock(db);
  }

  /** Whether somebody holds it now. Takes nothing, and makes nothing. */
  static isHeld(directory: string): boolean {
    try {
      const db = new Database(join(directory, "writer.lock"), {
        readonly: true,
        fileMustExist: true,
        timeout: 0,
      });
      try {
        db.prepare("SELECT count(*) FROM sqlite_schema").get();
        return false;
      } finally {
        db.close();
      }
    } catch (error) {
      return errorCode(error) === "SQLITE_BUSY";
    }
  }

  release(): void {
    this.#db.close();
  }
}
