import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  certFile: string;
  keyFile: string;
}

/** A certificate authority made by openssl in a test's own folder. */
export class TestAuthority {
  readonly caFile: string;
  readonly #directory: string;
  readonly #name: string;

  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
    this.caFile = join(directory, `${name}.crt`);
    const key = [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-keyout",
      this.#path("key"),
    ];
    this.#openssl(["req", "-x509", ...key, "-subj", `/CN=${name}`, "-days", "2", "-out", this.caFile]);
  }

  /** A certificate for `commonName`, by default good for 127.0.0.1 and localhost; with days below 0 it has ended. */
  issue(
    commonName: string,
    { names = "IP:127.0.0.1,DNS:localhost", days = 2 }: { names?: string; days?: number } = {},
  ): Certificate {
    const certFile = join(this.#directory, `${this.#name}-${commonName}.crt`);
    const keyFile = join(this.#directory, `${this.#name}-${commonName}.key`);
    const request = join(this.#directory, "request.csr");
    const extensions = join(this.#directory, "extensions.cnf");
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile];
    this.#openssl(["req", "-new", ...key, "-subj", `/CN=${commonName}`, "-out", request]);
    const signer = [
      "-CA",
      this.caFile,
      "-CAkey",
      this.#path("key"),
      "-CAcreateserial",
      "-days",
      String(days),
    ];
    this.#openssl(["x509", "-req", "-in", request, ...signer, "-extfile", extensions, "-out", certFile]);
    return { certFile, keyFile };
  }

  #path(ending: string): string {
    return join(this.#directory, `${this.#name}.${ending}`);
  }

  #openssl(args: string[]): void {
    execFileSync("openssl", args, { stdio: "pipe" });
  }
}
