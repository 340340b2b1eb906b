import { AgentError } from "../../../config/base/errors.ts";
import { MAX_DEPTH, type RecorderFile } from "../recorder-driver.ts";
import { claimOf } from "./claimed-name.ts";
import type { MountedCard, Volume } from "./mount/card.ts";

/** Where a file lies on a card: which volume, and the bytes of its path below that one's root. */
export interface CardPlace {
  volume: Volume;
  /** Absolute, as the system takes it. */
  path: Buffer;
}

/** A longer one no system call takes. */
export const MAX_PATH_BYTES = 4000;

/** `volume:hex`: names a file again in every docking, whatever its name is. */
export function handleOf(volumeIndex: number, path: Uint8Array): string {
  return `${volumeIndex}:${Buffer.from(path).toString("hex")}`;
}

/** Where the file of a handle lies. Throws `file-gone` for what is no handle of this card. */
export function placeOf({ handle, path: claim }: RecorderFile, card: MountedCard): CardPlace {
  const [, index, hex = ""] = /^(\d{1,2}):((?:[0-9a-f]{2})+)$/.exec(handle) ?? [];
  const volume = index === undefined ? undefined : card.volumes[Number(index)];
  const below = Buffer.from(hex, "hex");
  if (volume === undefined || below.length > MAX_PATH_BYTES || !isBelow(below)) {
    throw new AgentError("file-gone", `${claim}: not a file of this card`);
  }
  if (claimBelow(card, Number(index), below) !== claim) {
    throw new AgentError("file-gone", `${claim}: the handle is another file's`);
  }
  return { volume, path: under(Buffer.from(volume.root), below) };
}

/** What a file is called; where a card has several volumes, each is a folder of its own. */
export function claimBelow(card: MountedCard, volumeIndex: number, below: Uint8Array): string {
  const prefix = card.volumes.length === 1 ? "" : `${volumeIndex + 1}/`;
  return claimOf(Buffer.concat([Buffer.from(prefix), below]));
}

/** `name` in `folder`. */
export function under(folder: Buffer, name: Uint8Array): Buffer {
  return Buffer.concat([folder, SLASH, name]);
}

/** True for a name that is one step down and nothing else. */
export function isUsableName(name: Uint8Array): boolean {
  const isDots = name.length <= 2 && name.every((byte) => byte === DOT);
  return !isDots && !name.includes(0) && !name.includes(SLASH[0] as number);
}

function isBelow(path: Buffer): boolean {
  const names = path.toString("latin1").split("/");
  return names.length <= MAX_DEPTH + 1 && names.every((name) => isUsableName(Buffer.from(name, "latin1")));
}

const SLASH = Buffer.from("/");
const DOT = 0x2e;
