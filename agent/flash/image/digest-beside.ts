import { existsSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { AgentError } from "../../../config/base/errors.ts";

const MOST_BYTES = 64 * 1024;
/** As sha256sum writes it: digest, space, space or asterisk, name; or the digest alone. */
const LINE = /^([0-9a-f]{64})(?:[ \t]+\*?(.+))?$/i;

/**
 * The digest of the file that `IMAGE.sha256` beside it tells, hex; null: there is no such file. Throws
 * `image-digest-unfit` where there is one that tells none.
 */
export function digestBeside(image: string): string | null {
  const path = `${image}.sha256`;
  if (!existsSync(path)) return null;
  const unfit = (why: string) => new AgentError("image-digest-unfit", `${path}: ${why}`);
  if (statSync(path).size > MOST_BYTES) throw unfit(`more than ${MOST_BYTES} bytes`);
  const lines = readFileSync(path, "utf8").split(/\r?\n/);
  const told = lines.flatMap((line) => {
    const [, digest, name] = LINE.exec(line.trim()) ?? [];
    return digest === undefined ? [] : [{ digest: digest.toLowerCase(), name }];
  });
  const own = told.find(({ name }) => name !== undefined && basename(name) === basename(image));
  const only = told.length === 1 && told[0]?.name === undefined ? told[0] : undefined;
  const digest = (own ?? only)?.digest;
  if (digest === undefined) throw unfit(`no SHA-256 of ${basename(image)}`);
  return digest;
}
