import { basename, dirname, join } from "node:path";
import type { FileSystem } from "../card.ts";
import { type BlockDevice, USB_PORT } from "../disk/usb-disks.ts";

/** The place of a volume of a card: the `n`th of the device at a USB port, counted from 0. */
export interface CardPlace {
  port: string;
  n: number;
}

export interface MountWish {
  place: CardPlace;
  part: BlockDevice;
  fileSystem: FileSystem;
  /** How far the recorder's clock is ahead of UTC. */
  utcOffsetMin: number;
  access: Access;
}

export type Access = "ro" | "rw";

/**
 * What is done to the mounts of cards, by whoever has the right to mount; always with the same guards. All
 * throw `card-mount-failed`.
 */
export interface CardMounts {
  /** First of all: the folder below which cards are mounted, with no link in its path. Makes it where that is its to do. */
  begin(): Promise<string>;
  /** Mounts it where `targetOf` says. */
  mount(wish: MountWish): Promise<void>;
  /** Fails while a file on it is open, unless it is to go `lazily`: from the folder at once, with its last file for good. */
  unmount(place: CardPlace, how: "whole" | "lazily"): Promise<void>;
}

/** A USB port, `-`, and the number of the volume. */
const NAME = /^(.{1,64})-(\d{1,2})$/;

export function targetOf(directory: string, { port, n }: CardPlace): string {
  return join(directory, `${port}-${n}`);
}

/** What is mounted on `target`; null: it is no card's folder below `directory`. */
export function placeOf(directory: string, target: string): CardPlace | null {
  const [, port = "", n] = NAME.exec(basename(target)) ?? [];
  return dirname(target) === directory && USB_PORT.test(port) ? { port, n: Number(n) } : null;
}
