import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { systemClock } from "../../../../config/base/clock.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { networkWords as words } from "../../../cli/text/doctor/network.ts";
import { type Check, fail, ok, skipped, warn } from "../../check.ts";
import { dateText, endsSoon } from "./validity.ts";

const LIMIT_MS = 5_000;

/** What this side shows to the broker: a certificate that has ended, or is another key's, opens nothing. */
export const ownCertificate: Check = {
  id: "own-certificate",
  name: words.own,
  why: words.ownWhy,
  next: words.ownNext,
  limitMs: LIMIT_MS,
  run({ config }) {
    const { certFile, keyFile } = config.sync ?? {};
    if (certFile === undefined || keyFile === undefined) return skipped(examineWords.notConfigured);
    const certificate = read(certFile, (pem) => new X509Certificate(pem));
    const key = read(keyFile, (pem) => createPrivateKey(pem));
    const untilMs = Date.parse(certificate.validTo);
    const values = { name: commonName(certificate), until: dateText(untilMs) };
    if (!certificate.checkPrivateKey(key)) return fail(words.ownOtherKey, values);
    if (untilMs <= systemClock.utcMs()) return fail(words.ownEnded, values);
    return (endsSoon(untilMs) ? warn : ok)(words.ownSeen, values);
  },
};

/** The name by which the broker knows it: the access list goes by that. */
function commonName({ subject }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? "?";
}

function read<T>(file: string, parse: (pem: Buffer) => T): T {
  try {
    return parse(readFileSync(file));
  } catch (cause) {
    throw new AgentError("file-unreadable", file, { cause });
  }
}
