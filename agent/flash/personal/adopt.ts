import { createHash } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { syncDirectory, writeFully } from "../../../config/base/durable.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import { openKeyFile } from "../../../crypto/keys/key-file.ts";
import { keyFileOf } from "../../own-keys.ts";
import { isBlank, unpackPersonal } from "./archive.ts";
import { enrolmentRequest } from "./enrolment.ts";
import type { PersonalFiles } from "./members.ts";
import { LEAST_REGION_BYTES, MOST_REGION_BYTES } from "./region.ts";
import { BROKER_NAMES, CONFIG_NAME, checkPersonal, type RecorderConfig, setupOf } from "./settings.ts";

/** Whose the installed files become; null: they stay whose the process is. */
export interface Owner {
  account: number;
  group: number;
}

export interface Unit {
  /** The node of its personal partition. */
  region: string;
  /** `/etc/fulltrace` */
  etc: string;
  owner: Owner | null;
  random: Random;
}

export interface Adoption {
  /**
   * `adopted`: the personal part was installed and wiped. `wiped`: it had been installed before, and only the wiping
   * was finished. `nothing`: the region is blank.
   */
  outcome: "adopted" | "wiped" | "nothing";
  /** The unit's request, also in its data directory; null: it has no configuration yet. */
  request: string | null;
}

/** Beside the configuration: hex SHA-256 of the last region that was installed whole. */
const DONE_NAME = ".adopted";
/** In the data directory. */
export const REQUEST_NAME = "enrolment-request.json";
const FILE_MODE = 0o640;

/**
 * Installs a unit's personal part and wipes it from the card: credentials, configuration, the unit's own key, which
 * is made here and now if there is none, and its enrolment request. May be cut off anywhere and is then run again:
 * what is installed is the same each time, the note that all is done comes before the wiping, and a region that is
 * half wiped is wiped to its end. Throws `personal-damaged` for a region that was never installed and is neither
 * whole nor blank, `personal-unfit`, or what reading the configuration throws.
 */
export function adopt(unit: Unit): Adoption {
  const region = readRegion(unit.region);
  const done = join(unit.etc, DONE_NAME);
  const doneBefore = textAt(done)?.trim() ?? null;
  if (isBlank(region)) return { outcome: "nothing", request: requestOf(unit) };
  const digest = createHash("sha256").update(region).digest("hex");
  const files = digest === doneBefore ? null : unpackedUnless(region, doneBefore !== null);
  if (files !== null) {
    install(unit, files);
    // from here on the region is of no use
    put(unit, done, `${digest}\n`);
  }
  wipe(unit.region, region.length);
  return { outcome: files === null ? "wiped" : "adopted", request: requestOf(unit) };
}

/** null: damaged, by a wiping that was cut off. */
function unpackedUnless(region: Buffer, wasInstalled: boolean): PersonalFiles | null {
  try {
    return unpackPersonal(region);
  } catch (error) {
    if (wasInstalled) return null;
    throw error;
  }
}

function install(unit: Unit, files: PersonalFiles): void {
  checkPersonal(files);
  const path = join(unit.etc, CONFIG_NAME);
  const setup = setupOf(files, textAt(path), path);
  for (const name of BROKER_NAMES) {
    const content = files.get(name);
    if (content !== undefined) put(unit, join(unit.etc, name), content);
  }
  // it names the files above
  put(unit, path, setup.toml);
  putRequest(unit, setup.config, files.get("enrolment-code")?.toString("latin1").trim() ?? null);
}

/** The request that was made before, or else one without a code; null: there is no configuration to make it by. */
function requestOf(unit: Unit): string | null {
  const path = join(unit.etc, CONFIG_NAME);
  const toml = textAt(path);
  if (toml === null) return null;
  const { config } = setupOf(new Map(), toml, path);
  return textAt(join(config.dataDir, REQUEST_NAME)) ?? putRequest(unit, config, null);
}

/** Makes the unit's key, if it has none, and its request. */
function putRequest(unit: Unit, config: RecorderConfig, code: string | null): string {
  const { dataDir, device } = config;
  const keyFile = keyFileOf(config, "device");
  const isNew = !existsSync(dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o750 });
  if (isNew) give(unit, dataDir);
  const key = openKeyFile(keyFile, unit.random);
  // made by root, used by the agent's account
  for (const path of [dirname(keyFile), keyFile]) give(unit, path);
  try {
    const request = enrolmentRequest(key, device, code);
    put(unit, join(dataDir, REQUEST_NAME), request);
    return request;
  } finally {
    key.destroy();
  }
}

function give({ owner }: Unit, path: string): void {
  if (owner !== null) chownSync(path, owner.account, owner.group);
}

/** Replaces a file by another one whole, with its owner and mode: root's, and the agent's group may read it. */
function put({ owner }: Unit, path: string, content: Buffer | string): void {
  const temporary = `${path}.new`;
  const fd = openSync(temporary, "w", FILE_MODE);
  try {
    // one that was left by a cut may have had another mode
    fchmodSync(fd, FILE_MODE);
    if (owner !== null) fchownSync(fd, 0, owner.group);
    writeFully(fd, Buffer.from(content));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

/** Throws `personal-missing` where there is no region of its size. */
function readRegion(path: string): Buffer {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    throw new AgentError("personal-missing", path, { cause });
  }
  try {
    const region = Buffer.alloc(MOST_REGION_BYTES + 1);
    let bytes = 0;
    for (let read = -1; read !== 0; bytes += read)
      read = readSync(fd, region, bytes, region.length - bytes, bytes);
    if (bytes < LEAST_REGION_BYTES || bytes > MOST_REGION_BYTES)
      throw new AgentError("personal-missing", `${path}: ${bytes} bytes or more`);
    return region.subarray(0, bytes);
  } finally {
    closeSync(fd);
  }
}

function wipe(path: string, bytes: number): void {
  const fd = openSync(path, "r+");
  try {
    writeFully(fd, Buffer.alloc(bytes), 0);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** null: there is no such file. */
function textAt(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}
