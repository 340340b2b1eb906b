import { createHash } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { syncDirectory, writeFully } from "../../../../config/base/durable.ts";
import { AgentError } from "../../../../config/base/errors.ts";

/** What `sha256sum -c` reads. */
export const DIGESTS = "digests";

/**
 * A folder that appears whole or not at all: written under a temporary name beside it, each file synced,
 * then renamed.
 */
export class ExportFolder {
  readonly path: string;
  readonly #temporary: string;
  readonly #digests: string[] = [];
  readonly #folders = new Set<string>();
  #bytes = 0;

  private constructor(path: string) {
    this.path = path;
    this.#temporary = `${path}.${process.pid}.part`;
  }

  /** Throws `folder-exists` where something has that name, `directory-missing` where its parent is missing. */
  static begin(directory: string): ExportFolder {
    const path = resolve(directory);
    if (existsSync(path)) throw new AgentError("folder-exists", path);
    if (!existsSync(dirname(path))) throw new AgentError("directory-missing", dirname(path));
    const folder = new ExportFolder(path);
    mkdirSync(folder.#temporary, { mode: 0o750 });
    return folder;
  }

  get files(): number {
    return this.#digests.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Writes one file from its parts; answers its SHA-256 (hex). `name` may have one folder in it. */
  add(name: string, ...parts: (string | Uint8Array)[]): string {
    return this.addAll(name, parts);
  }

  /** The same, for parts that are read while they are written. */
  addAll(name: string, parts: Iterable<string | Uint8Array>): string {
    const [folder, file] = name.split("/");
    if (file !== undefined && folder !== undefined && !this.#folders.has(folder)) {
      mkdirSync(join(this.#temporary, folder), { mode: 0o750 });
      this.#folders.add(folder);
    }
    const hash = createHash("sha256");
    const fd = openSync(join(this.#temporary, name), "wx", 0o640);
    try {
      for (const part of parts) {
        const bytes = typeof part === "string" ? Buffer.from(part) : part;
        writeFully(fd, bytes);
        hash.update(bytes);
        this.#bytes += bytes.length;
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    const digest = hash.digest("hex");
    if (name !== DIGESTS) this.#digests.push(`${digest}  ${name}\n`);
    return digest;
  }

  /** Gives the folder its name, durably. Throws `folder-exists` where another was faster. */
  finish(): void {
    this.addAll(DIGESTS, this.#digests);
    for (const folder of this.#folders) syncDirectory(join(this.#temporary, folder));
    syncDirectory(this.#temporary);
    // rename would take the place of an empty folder
    if (existsSync(this.path)) throw new AgentError("folder-exists", this.path);
    renameSync(this.#temporary, this.path);
    syncDirectory(dirname(this.path));
  }

  /** Nothing of it stays. */
  discard(): void {
    rmSync(this.#temporary, { recursive: true, force: true });
  }
}
