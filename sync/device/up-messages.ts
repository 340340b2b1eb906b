import type { Clock } from "../../config/base/clock.ts";
import { errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import type { MediaStore } from "../../crypto/media/store.ts";
import type { Link, OutgoingMessage } from "../link/link.ts";
import { encodeEntries } from "../wire/entries.ts";
import { encodeHealth, encodeHello, type Health } from "../wire/messages.ts";
import { type Address, type UpSubject, upTopic } from "../wire/topics.ts";
import type { Action } from "./exchange/actions.ts";
import { isIntact, PartMemory, readPart } from "./media-reader.ts";
import type { Part } from "./outbox/outbox.ts";
import type { SyncMachine } from "./sync-machine.ts";

export interface UpParts {
  address: Address;
  machine: SyncMachine;
  reader: LedgerReader;
  media: MediaStore;
  clock: Clock;
  log: Logger;
  /** The connection of the moment; null: there is none, and what is sent is lost. */
  link: () => Link | null;
}

/** Does what the machine wants done: turns it into messages to the receiver, with what they need from the disk. */
export class UpMessages {
  readonly #parts: UpParts;
  readonly #memory = new PartMemory();

  constructor(parts: UpParts) {
    this.#parts = parts;
  }

  async perform(action: Action): Promise<void> {
    switch (action.kind) {
      case "hello":
        return await this.#publish({ kind: "hello" }, { payload: encodeHello(action.hello) });
      case "checkpoint":
        return await this.#publish({ kind: "checkpoint" }, { payload: Buffer.from(action.note) });
      case "entries": {
        const { from, entries } = action.batch;
        return await this.#publish({ kind: "entries", from }, { payload: encodeEntries(entries) });
      }
      case "part":
        return await this.#sendPart(action.part);
      case "check-file":
        return this.#checkedOwnCopy(action.digest, await isIntact(this.#parts.media, action.digest));
    }
  }

  /** At most once: the next snapshot replaces a lost one. */
  async sendHealth(health: Health): Promise<void> {
    await this.#publish({ kind: "health" }, { payload: encodeHealth(health), qos: 0 });
  }

  async #sendPart(part: Part): Promise<void> {
    const { media, machine, reader, log } = this.#parts;
    const { digest, offset } = part;
    const memory = this.#memory.take();
    try {
      const payload = await readPart(media, part, memory);
      const onTaken = () => this.#memory.giveBack(memory);
      await this.#publish({ kind: "media", digest, offset }, { payload, onTaken });
    } catch (error) {
      if (errorCode(error) !== "media-unreadable") throw error;
      // purged since it was chosen is as it should be; anything else is a fault of this disk
      if (reader.media.naming(digest).every(({ purged }) => purged)) return machine.outbox.dropped(digest);
      log.error({ err: error }, "media cannot be read");
      this.#checkedOwnCopy(digest, false);
    }
  }

  #checkedOwnCopy(digest: string, isGood: boolean): void {
    const { machine, clock } = this.#parts;
    machine.checkedOwnCopy(digest, isGood, clock.monoUs() / 1000);
  }

  /** What does not leave is found missing by its missing answer. */
  async #publish(subject: UpSubject, message: Omit<OutgoingMessage, "topic">): Promise<void> {
    const { address, link } = this.#parts;
    await link()?.publish({ topic: upTopic(address, subject), ...message });
  }
}
