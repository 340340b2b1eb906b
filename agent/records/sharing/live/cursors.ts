import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { syncDirectory, writeDurably } from "../../../../config/base/durable.ts";
import { AgentError } from "../../../../config/base/errors.ts";

const cursor = v.strictObject({ v: v.literal(1), size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

/**
 * How far each device's ledger was told to the platform: one small file a device under `share/`, written
 * durably and after the platform's broker took everything below. Without its file a ledger is told anew from
 * its beginning.
 */
export class ShareCursors {
  readonly #folder: string;
  readonly #known = new Map<string, number>();

  constructor(dataDir: string) {
    this.#folder = join(dataDir, "share");
  }

  /** Entries below it were told. Throws `share-cursor-damaged`. */
  get(dev: string): number {
    const known = this.#known.get(dev);
    if (known !== undefined) return known;
    const size = this.#read(dev);
    this.#known.set(dev, size);
    return size;
  }

  set(dev: string, size: number): void {
    if (!existsSync(this.#folder)) {
      mkdirSync(this.#folder, { mode: 0o750, recursive: true });
      syncDirectory(join(this.#folder, ".."));
    }
    writeDurably(this.#path(dev), `${JSON.stringify({ v: 1, size })}\n`);
    this.#known.set(dev, size);
  }

  #read(dev: string): number {
    const path = this.#path(dev);
    if (!existsSync(path)) return 0;
    try {
      return v.parse(cursor, JSON.parse(readFileSync(path, "utf8"))).size;
    } catch (cause) {
      throw new AgentError("share-cursor-damaged", path, {
        cause,
        next: "remove the file: its device is then told anew, which harms nothing",
      });
    }
  }

  #path(dev: string): string {
    return join(this.#folder, `${dev}.json`);
  }
}
