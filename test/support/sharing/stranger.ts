import { createHash, createPublicKey, verify } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What somebody without our program does with an exported folder: RFC 9162, C2SP, and node:crypto alone. */

const h = (...parts: Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Names of files whose bytes are not those of `digests`. */
export function changedFiles(folder: string): string[] {
  const lines = readFileSync(join(folder, "digests"), "utf8").trimEnd().split("\n");
  return lines.flatMap((line) => {
    const [digest = "", name = ""] = line.split("  ");
    const path = join(folder, name);
    return existsSync(path) && h(readFileSync(path)).toString("hex") === digest ? [] : [name];
  });
}

export interface Key {
  name: string;
  /** 32 bytes of Ed25519. */
  key: Uint8Array;
}

/** The entry as signed, once its proof leads to a root that device and witness signed; else what is wrong. */
export function provenEntry(
  folder: string,
  seq: number,
  device: Key,
  witness: Key,
): Record<string, unknown> | string {
  const body = readFileSync(join(folder, "ledger", `${seq}.json`));
  return provenBody(body, readFileSync(join(folder, "ledger", `${seq}.tlog-proof`), "utf8"), device, witness);
}

export function provenBody(
  body: Uint8Array,
  proof: string,
  device: Key,
  witness: Key,
): Record<string, unknown> | string {
  const [head = "", text = "", signatures = ""] = proof.split("\n\n");
  const [format, index = "", ...hashes] = head.split("\n");
  const [origin, size, root = ""] = text.split("\n");
  if (format !== "c2sp.org/tlog-proof@v1" || origin !== device.name) return "format";
  const path = hashes.map((hash) => Buffer.from(hash, "base64"));
  const found = rootOf(h(Buffer.of(0), body), Number(index.replace("index ", "")), Number(size), path);
  if (found !== root) return "root";
  const lines = signatures.trimEnd().split("\n");
  const payload = ({ name }: Key) =>
    Buffer.from(lines.find((line) => line.startsWith(`— ${name} `))?.split(" ")[2] ?? "", "base64").subarray(
      4,
    );
  const signed = `${text}\n`;
  if (!verifies(device, signed, payload(device))) return "device";
  const cosigned = payload(witness);
  const time = cosigned.length === 72 ? cosigned.readBigUInt64BE() : 0n;
  if (!verifies(witness, `cosignature/v1\ntime ${time}\n${signed}`, cosigned.subarray(8))) return "witness";
  return JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>;
}

/** RFC 9162 §2.1.3.2, base64. */
function rootOf(leaf: Buffer, index: number, size: number, path: Buffer[]): string {
  let [hash, fn, sn] = [leaf, index, size - 1];
  for (const sibling of path) {
    const isRight = fn % 2 === 1 || fn === sn;
    hash = isRight ? h(Buffer.of(1), sibling, hash) : h(Buffer.of(1), hash, sibling);
    while (isRight && fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 ? hash.toString("base64") : "";
}

function verifies({ key }: Key, message: string, signature: Buffer): boolean {
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
  return verify(
    null,
    Buffer.from(message),
    createPublicKey({ key: der, format: "der", type: "spki" }),
    signature,
  );
}
