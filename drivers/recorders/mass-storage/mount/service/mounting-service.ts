import type { Readable, Writable } from "node:stream";
import type { Clock } from "../../../../../config/base/clock.ts";
import { AgentError } from "../../../../../config/base/errors.ts";
import { refusalOf } from "../../../../../config/orders/lines.ts";
import { answerOne } from "../../../../../config/orders/one-order.ts";
import { cardDisks, partitionsOf } from "../disk/card-disks.ts";
import type { Mount } from "../disk/mount-table.ts";
import type { BlockDevice, KernelPaths } from "../disk/usb-disks.ts";
import { type CardMounts, type CardPlace, placeOf } from "../mounts/card-mounts.ts";
import { type MountAnswer, type MountOrder, parseOrder } from "./wire.ts";

export interface MountingParts {
  /** With the right to mount. */
  readonly mounts: CardMounts;
  /** Below which they are, with no link in its path. */
  readonly directory: string;
  readonly clock: Clock;
  readonly paths: KernelPaths;
  /** Also disks that say they are built in. */
  readonly allowBuiltIn: boolean;
}

/** Takes one order from `input` and gives its answer to `output`, which it ends. */
export async function answerOrder(input: Readable, output: Writable, parts: MountingParts): Promise<void> {
  await answerOne(input, output, (line) => doOrder(line, parts));
}

/**
 * Does one order of a program that has no right to mount. What is mounted is a part of a disk at the USB port
 * that the order names, and serves nothing of this machine; where, is not the order's to say. Never throws.
 */
async function doOrder(line: string, parts: MountingParts): Promise<MountAnswer> {
  try {
    await carryOut(parseOrder(line), parts);
    return { done: true };
  } catch (error) {
    return refusalOf(error);
  }
}

async function carryOut(order: MountOrder, parts: MountingParts): Promise<void> {
  const { mounts } = parts;
  const place: CardPlace = { port: order.port, n: order.n };
  switch (order.do) {
    case "mount": {
      const part = await partOf(order, parts);
      const { fileSystem, utcOffsetMin, access } = order;
      return await mounts.mount({ place, part, fileSystem, utcOffsetMin, access });
    }
    case "unmount":
      return await mounts.unmount(place, order.how);
  }
}

/** Throws what looking at the disk throws, and `card-missing` when it has no such part. */
async function partOf(
  { port, part }: Extract<MountOrder, { do: "mount" }>,
  { clock, paths, allowBuiltIn, directory }: MountingParts,
): Promise<BlockDevice> {
  const isOurs = ({ target }: Mount) => placeOf(directory, target)?.port === port;
  const rules = { paths, clock, appearMs: 0, allowBuiltIn, isOurs };
  const disks = await cardDisks(port, rules, new AbortController().signal);
  const found = partitionsOf(disks).find(({ name }) => name === part);
  if (found === undefined) throw new AgentError("card-missing", `USB port ${port} has no ${part}`);
  return found;
}
