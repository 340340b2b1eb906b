import { closeSync, existsSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../../../config/base/random.ts";
import { run } from "../../../package/run.ts";
import { type Request, readLog, replay, surviving } from "./block-log.ts";

/** A card whose every write is recorded while a machine has it, and that keeps of them what a real one would. */
export class LoggedCard {
  /** What is on the medium; not written to while a machine has the card. */
  readonly file: string;
  readonly #layer: string;
  readonly #log: string;
  readonly #random: Random;

  constructor(folder: string, random: Random) {
    this.file = join(folder, "card.img");
    this.#layer = join(folder, "layer.qcow2");
    this.#log = join(folder, "card.log");
    this.#random = random;
  }

  /** For a machine that is switched on. */
  async lay(): Promise<{ layer: string; log: string }> {
    for (const file of [this.#layer, this.#log]) rmSync(file, { force: true });
    await run("qemu-img", ["create", "-q", "-f", "qcow2", "-b", this.file, "-F", "raw", this.#layer]);
    await run("truncate", ["-s", "1M", this.#log]);
    return { layer: this.#layer, log: this.#log };
  }

  /** What a machine has asked of it since it was switched on. */
  requests(): Request[] {
    return readLog(this.#log);
  }

  /** What a request wrote. */
  dataOf({ bytes, data }: Request): Buffer {
    const content = Buffer.alloc(data === null ? 0 : bytes);
    const fd = openSync(this.#log, "r");
    readSync(fd, content, 0, content.length, data ?? 0);
    closeSync(fd);
    return content;
  }

  /** In the new file `copy`: what the card would hold if it had got `requests` of them, and no others. */
  async copyWith(requests: readonly Request[], copy: string): Promise<void> {
    await run("cp", ["--sparse=always", this.file, copy]);
    replay(this.#log, requests, copy);
  }

  /** After a machine that was switched off in order. */
  keepAll(): void {
    this.#keep(readLog(this.#log));
  }

  /** The same, of a machine that ended with the program that ran it, if one did. */
  keepLeftOver(): void {
    if (existsSync(this.#log)) this.keepWhatReached();
  }

  /** After a power cut: everything up to the last flush, and half of what came behind it, by chance. */
  keepWhatReached(): void {
    const requests = readLog(this.#log);
    this.#keep(surviving(requests, requests.length, () => (this.#random.bytes(1)[0] as number) < 128));
  }

  #keep(requests: readonly Request[]): void {
    replay(this.#log, requests, this.file);
    rmSync(this.#log);
  }
}
