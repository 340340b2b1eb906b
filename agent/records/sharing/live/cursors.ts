import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { syncDirectory, writeDurably } from "../../../../config/base/durable.ts";
import { AgentError } from "../../../../config/base/errors.ts";

const cursor = v.strictObject({
  v: v.literal(1),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** Digest of the settings by which it was told; files of before they counted have none. */
  settings: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
});

/**
 * How far each device's ledger was told to the platform: one small file a device under `share/`, written
 * durably and after the platform's broker took everything below. Without its file, and where the settings by
 * which it was told are others now, a ledger is told anew from its beginning.
 */
export class ShareCursors {
  readonly #folder: string;
  readonly #settingsOf: (dev: string) => string;
  readonly #known = new Map<string, number>();

  /** `settingsOf` answers a digest of all settings that decide what is told of a device's ledger. */
  constructor(dataDir: string, settingsOf: (dev: string) => string) {
    this.#folder = join(dataDir, "share");
    this.#settingsOf = settingsOf;
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
    writeDurably(this.#path(dev), `${JSON.stringify({ v: 1, size, settings: this.#settingsOf(dev) })}\n`);
    this.#known.set(dev, size);
  }

  #read(dev: string): number {
    const path = this.#path(dev);
    if (!existsSync(path)) return 0;
    try {
      const { size, settings } = v.parse(cursor, JSON.parse(readFileSync(path, "utf8")));
      return settings === this.#settingsOf(dev) ? size : 0;
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
