import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { sha256 } from "../../../crypto/bytes/digest.ts";
import { type PublicKey, SigningKey } from "../../../crypto/keys/ed25519.ts";

const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** A key whose seed is the hash of its name: the same in every run, and quick to sign with. */
export class TestKey {
  readonly name: string;
  /** The program's own signer with the same seed, for notes and receipts. */
  readonly signer: SigningKey;
  readonly #key: KeyObject;

  private constructor(name: string, seed: Buffer) {
    this.name = name;
    this.signer = SigningKey.fromSeed(seed);
    this.#key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
  }

  static named(name: string): TestKey {
    return new TestKey(name, sha256(`fulltrace test key: ${name}`));
  }

  get publicKey(): PublicKey {
    return this.signer.publicKey;
  }

  /** The same bytes as the program's signer, seventy times as fast. */
  sign(message: Uint8Array): Buffer {
    return sign(null, message, this.#key);
  }
}
