import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Bundle } from "../../../agent/update/rauc/told.ts";
import { seededRandom, temporaryDirectory } from "../surroundings.ts";

export interface BundleWish {
  signer?: "known" | "foreign";
  format?: "verity" | "plain";
}

/** Makes bundles with the real `rauc bundle`, signed by keys of its own. */
export class BundleMaker {
  /** PEM file of the signer that units know. */
  readonly keyring: string;
  readonly #folder: string;
  #count = 0;

  constructor(t: TestContext) {
    this.#folder = temporaryDirectory(t);
    for (const signer of ["known", "foreign"]) this.#makeSigner(signer);
    this.keyring = join(this.#folder, "known.pem");
  }

  /** Answers its path. */
  make(claims: Bundle, { signer = "known", format = "verity" }: BundleWish = {}): string {
    const content = join(this.#folder, `content-${++this.#count}`);
    mkdirSync(content);
    writeFileSync(join(content, "rootfs.img"), seededRandom(`${this.#count}`).bytes(300_000));
    writeFileSync(join(content, "manifest.raucm"), manifest(claims, format));
    const bundle = join(this.#folder, `${this.#count}.raucb`);
    const signed = [`--cert=${this.#file(signer, "pem")}`, `--key=${this.#file(signer, "key")}`];
    execFileSync("rauc", ["bundle", ...signed, content, bundle], { stdio: "pipe" });
    return bundle;
  }

  /** Without what stands behind its payload. */
  makeUnsigned(claims: Bundle): string {
    const bundle = this.make(claims);
    truncateSync(bundle, 300_000);
    return bundle;
  }

  /** With one byte changed in the middle. */
  makeAltered(claims: Bundle): string {
    const bundle = this.make(claims);
    const bytes = readFileSync(bundle);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(bundle, bytes);
    return bundle;
  }

  #file(signer: string, kind: "pem" | "key"): string {
    return join(this.#folder, `${signer}.${kind}`);
  }

  #makeSigner(name: string): void {
    const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 99 -subj /CN=${name}`;
    const files = ["-keyout", this.#file(name, "key"), "-out", this.#file(name, "pem")];
    execFileSync("openssl", [...words.split(" "), ...files], { stdio: "pipe" });
  }
}

function manifest({ compatible, version, minimumVersion }: Bundle, format: string): string {
  return [
    "[update]",
    `compatible=${compatible}`,
    `version=${version}`,
    `description=minimum-version=${minimumVersion}`,
    "[bundle]",
    `format=${format}`,
    "[image.rootfs]",
    "filename=rootfs.img",
    "",
  ].join("\n");
}
