import { statSync } from "node:fs";
import { AgentError } from "../../config/base/errors.ts";
import type { DiskPaths } from "./disks/disk-paths.ts";
import { checkDigest, type Image, openImage } from "./image/image.ts";
import { packPersonal, unpackPersonal } from "./personal/archive.ts";
import type { PersonalFiles, PersonalName } from "./personal/members.ts";
import { regionIn } from "./personal/region.ts";
import { BLOCK_BYTES, type PassOptions } from "./writing/blocks.ts";
import { compareImage } from "./writing/compare-image.ts";
import type { Overlay } from "./writing/overlay.ts";
import { openTarget, openToRead } from "./writing/target.ts";
import { writeImage } from "./writing/write-image.ts";

export interface FlashOrder extends PassOptions {
  image: string;
  target: string;
  paths: DiskPaths;
}

export interface WriteOrder extends FlashOrder {
  mostBytes: number;
  insists: boolean;
  personal: PersonalFiles;
}

/** What was written or compared. */
export interface FlashReport {
  image: string;
  target: string;
  bytes: number;
  /** What was read back came from the medium; `memory`: from a file system that gives nothing else. */
  read_back: "medium" | "memory";
}

export interface WriteReport extends FlashReport {
  /** Of the image, unpacked. */
  sha256: string;
  /** The digest that lay beside the image is right; false: none lay there. */
  checked: boolean;
  /** What the card carries for one unit. */
  personal: PersonalName[];
}

export type VerifyReport = FlashReport &
  (
    | { same: true; sha256: string; checked: boolean; personal: PersonalReport }
    | { same: false; differs_at: number }
  );

/** What a card's personal part holds. */
export type PersonalReport =
  | { state: "none" | "blank" }
  | { state: "present"; names: PersonalName[] }
  | { state: "damaged"; place: string };

/** Writes an image to a card, personalises it on the way, and reads it back. Throws `image-…`, `target-…`, `personal-…`. */
export async function flashImage(order: WriteOrder): Promise<WriteReport> {
  const { personal, paths } = order;
  const image = await openImage(order.image, order.signal);
  const { mostBytes, insists, target } = order;
  if (isSameFile(image.path, target)) throw new AgentError("target-is-image", image.path);
  const medium = openTarget({ path: target, imageBytes: image.bytes, mostBytes, insists }, paths);
  try {
    const personalise = (head: Uint8Array) =>
      personal.size === 0 ? null : overlayFor(personal, head, image);
    const { bytes, sha256, isChecked } = await writeImage(image, medium, { ...order, personalise });
    await medium.close();
    return {
      image: image.path,
      target: medium.path,
      bytes,
      sha256,
      checked: isChecked,
      read_back: medium.isDirect ? "medium" : "memory",
      personal: [...personal.keys()],
    };
  } catch (error) {
    await medium.close();
    medium.whenGivenUp();
    throw error;
  }
}

/**
 * Compares a card with its image. The personal part is no part of the image: it is left out, and reported by itself.
 * Throws `image-…`, `target-…`.
 */
export async function verifyFlash(order: FlashOrder): Promise<VerifyReport> {
  const image = await openImage(order.image, order.signal);
  const head = await headOf(image);
  const medium = openToRead(order.target, order.paths);
  try {
    const region = regionIn(head);
    const own = region === null ? null : { at: region.at, bytes: Buffer.alloc(region.bytes) };
    const personal = own === null ? { is: "none" as const } : { is: "left-out" as const, overlay: own };
    const result = await compareImage(image, medium, { ...order, personal, skipsHead: false });
    const report: FlashReport = {
      image: image.path,
      target: medium.path,
      bytes: image.bytes,
      read_back: medium.isDirect ? "medium" : "memory",
    };
    if (!result.same) return { ...report, same: false, differs_at: result.differsAt };
    const { sha256, packedDigest } = result;
    checkDigest(image, packedDigest ?? sha256);
    return {
      ...report,
      same: true,
      sha256,
      checked: image.toldDigest !== null,
      personal: personalReport(own?.bytes),
    };
  } finally {
    await medium.close();
  }
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

function overlayFor(personal: PersonalFiles, head: Uint8Array, { path, bytes }: Image): Overlay {
  const region = regionIn(Buffer.from(head));
  if (region === null || region.at + region.bytes > bytes)
    throw new AgentError("personal-missing", `${path}: no partition for it`);
  const content = Buffer.alloc(region.bytes);
  packPersonal(personal).copy(content);
  return { at: region.at, bytes: content };
}

async function headOf(image: Image): Promise<Buffer> {
  const reader = image.read();
  try {
    const head = Buffer.alloc(BLOCK_BYTES);
    return head.subarray(0, await reader.fill(head));
  } finally {
    await reader.close();
  }
}

function personalReport(region: Buffer | undefined): PersonalReport {
  if (region === undefined) return { state: "none" };
  try {
    const files = unpackPersonal(region);
    return files === null ? { state: "blank" } : { state: "present", names: [...files.keys()] };
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return { state: "damaged", place: error.place };
  }
}
