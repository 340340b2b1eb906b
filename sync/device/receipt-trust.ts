import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { syncDirectory, writeDurably } from "../../config/base/durable.ts";
import { AgentError } from "../../config/base/errors.ts";
import { RangeSet } from "../../crypto/bytes/ranges.ts";
import type { OpenedReceipt } from "../../crypto/proof/receipt.ts";

const FILE = "receipts-suspended.json";
/** Both far above what a receiver's receipts need; beyond them, doubt simply stays. */
const MAX_RENEWED = 65_536;
const MAX_RANGES = 65_536;

interface Suspension {
  /** Receipts of more entries than this authorise nothing until renewed. */
  aboveSize: number;
  /** Hex digests of receipts that the receiver gave, or gave again, since. */
  renewed: Set<string>;
  /** Media that those cover. */
  renewedMedia: RangeSet;
}

/**
 * Whether stored receipts still authorise purges. A receiver that holds less than it has receipted has
 * lost data: receipts above what it holds count again only once it renews them. This is remembered over
 * restarts, since by then the receiver may have all entries again and yet not their media.
 */
export class ReceiptTrust {
  readonly #dataDir: string;
  #suspension: Suspension | null;

  private constructor(dataDir: string, suspension: Suspension | null) {
    this.#dataDir = dataDir;
    this.#suspension = suspension;
  }

  /** Throws `receipt-trust-unreadable`. */
  static open(dataDir: string): ReceiptTrust {
    const path = join(dataDir, FILE);
    if (!existsSync(path)) return new ReceiptTrust(dataDir, null);
    try {
      const { above_size, renewed, renewed_media } = JSON.parse(readFileSync(path, "utf8"));
      return new ReceiptTrust(dataDir, {
        aboveSize: Number(above_size),
        renewed: new Set(renewed as string[]),
        renewedMedia: RangeSet.parse(renewed_media, MAX_RANGES),
      });
    } catch (cause) {
      throw new AgentError("receipt-trust-unreadable", path, {
        cause,
        next: 'replace its content by {"above_size":0,"renewed":[],"renewed_media":[]}',
      });
    }
  }

  /** The size above which receipts are in doubt; null: none is. */
  get suspendedAbove(): number | null {
    return this.#suspension?.aboveSize ?? null;
  }

  /** True if a stored receipt may authorise a purge now. `digest` is hex. */
  authorises({ digest, size }: { digest: string; size: number }): boolean {
    const doubt = this.#suspension;
    return doubt === null || size <= doubt.aboveSize || doubt.renewed.has(digest);
  }

  /** The receiver holds only `size` entries, fewer than it has receipted. Durable when it returns. */
  suspendAbove(size: number): void {
    if (this.#suspension !== null && this.#suspension.aboveSize <= size) return;
    this.#suspension = { aboveSize: size, renewed: new Set(), renewedMedia: new RangeSet() };
    this.#write(this.#suspension);
  }

  /** A verified receipt came now; `covered` is all media that receipts cover, and ends the doubt once renewed. */
  renew(receipt: OpenedReceipt, covered: RangeSet): void {
    const doubt = this.#suspension;
    if (doubt === null || doubt.renewed.size >= MAX_RENEWED) return;
    doubt.renewed.add(receipt.digest.toString("hex"));
    for (const [from, to] of receipt.media) doubt.renewedMedia.add(from, to);
    if ([...covered].every(([from, to]) => doubt.renewedMedia.covers(from, to))) this.#end();
    else this.#write(doubt);
  }

  #end(): void {
    this.#suspension = null;
    rmSync(join(this.#dataDir, FILE), { force: true });
    syncDirectory(this.#dataDir);
  }

  #write({ aboveSize, renewed, renewedMedia }: Suspension): void {
    const content = { above_size: aboveSize, renewed: [...renewed], renewed_media: renewedMedia };
    writeDurably(join(this.#dataDir, FILE), JSON.stringify(content), 0o640);
  }
}
