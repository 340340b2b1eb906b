import { resolve } from "node:path";
import { readNamedFile } from "../../../config/base/named-file.ts";
import { readSecret } from "../../../config/secret.ts";
import { packPersonal } from "./archive.ts";
import type { PersonalFiles, PersonalName } from "./members.ts";
import { checkPersonal, setupOf } from "./settings.ts";

/** What a person gives for one unit; files by their paths. */
export interface PersonalWish {
  serial?: string;
  config?: string;
  receiverKey?: readonly string[];
  brokerPassword?: string;
  brokerCa?: string;
  brokerCert?: string;
  brokerKey?: string;
  enrol?: string;
  dataKey?: string;
}

/**
 * Reads what is wished for, and checks it as the unit will. Throws `personal-unfit`, `file-unreadable`, what reading
 * a secret throws, and for a configuration what reading that throws.
 */
export function gatherPersonal(wish: PersonalWish): PersonalFiles {
  const files = new Map<PersonalName, Buffer>();
  const add = (name: PersonalName, content: string | Buffer | undefined) => {
    if (content !== undefined) files.set(name, Buffer.from(content));
  };
  add("serial", wish.serial);
  add("config.toml", fileAt(wish.config));
  const keys = wish.receiverKey ?? [];
  add("receiver-keys", keys.length === 0 ? undefined : keys.map((line) => `${line}\n`).join(""));
  add(
    "broker-password",
    wish.brokerPassword === undefined ? undefined : `${readSecret(wish.brokerPassword)}\n`,
  );
  add("broker-ca.pem", fileAt(wish.brokerCa));
  add("broker-cert.pem", fileAt(wish.brokerCert));
  add("broker-key.pem", fileAt(wish.brokerKey));
  add("enrolment-code", wish.enrol);
  add("data-key", fileAt(wish.dataKey));
  checkPersonal(files);
  // by the image's own configuration nothing can be checked here
  if (wish.config !== undefined) setupOf(files, null, resolve(wish.config));
  // says which file is too large before any card is touched
  packPersonal(files);
  return files;
}

function fileAt(path: string | undefined): Buffer | undefined {
  return path === undefined ? undefined : readNamedFile(path);
}
