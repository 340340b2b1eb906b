import { existsSync, readFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { deviceVkey, PLAIN_NOTE, verifierKey } from "../../../crypto/keys/vkey.ts";
import { Replica, type ReplicaOptions } from "../../../crypto/ledger/replica/replica.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { type OpenedReceipt, openReceipt } from "../../../crypto/proof/receipt.ts";
import type { Evidence } from "../ledger/evidence.ts";
import { CUSTODY, DEVICE, WITNESS } from "../ledger/ledger-maker.ts";
import { ManualClock, temporaryDirectory } from "../surroundings.ts";

/** A receiver's replica of the makers' device, that can be left as a killed process leaves it. */
export class ReplicaBench {
  readonly clock = new ManualClock();
  readonly dataDir: string;
  readonly #options: ReplicaOptions;
  readonly #opened: Replica[] = [];

  constructor(t: TestContext, changes: Partial<ReplicaOptions> = {}) {
    this.dataDir = temporaryDirectory(t);
    this.#options = {
      dataDir: this.dataDir,
      device: deviceVkey(DEVICE.publicKey),
      custody: { name: CUSTODY.name, key: CUSTODY.signer },
      witness: { name: WITNESS.name, key: WITNESS.signer },
      otherWitnesses: [],
      keepFreeBytes: 0,
      clock: this.clock,
      ...changes,
    };
    t.after(() => {
      for (const replica of this.#opened) replica.close();
    });
  }

  /** Opens the replica. One opened before is left as it is, as a killed process would. */
  open(changes: Partial<ReplicaOptions> = {}): Replica {
    const replica = Replica.open({ ...this.#options, ...changes });
    this.#opened.push(replica);
    return replica;
  }

  /** The stored bytes of a digest; null: no file has that name. */
  stored(digest: string): Buffer | null {
    const path = new MediaStore(this.dataDir).path(digest);
    return existsSync(path) ? readFileSync(path) : null;
  }

  opened(envelope: string): OpenedReceipt {
    return openReceipt(envelope, [verifierKey(CUSTODY.name, PLAIN_NOTE, CUSTODY.publicKey)]);
  }
}

/** Hands over every entry at once. */
export function sendEntries(replica: Replica, { entries }: Evidence): void {
  const { refusal } = replica.append(0, entries);
  if (refusal !== null) throw refusal;
}

/** Hands over every media file in parts of `partBytes`, in order, made durable one file at a time. */
export async function sendMedia(replica: Replica, { media }: Evidence, partBytes = 7): Promise<void> {
  for (const [digest, content] of media) {
    for (let at = 0; at < content.length; at += partBytes) {
      replica.write(digest, at, content.subarray(at, at + partBytes));
    }
    await replica.settle();
  }
}
