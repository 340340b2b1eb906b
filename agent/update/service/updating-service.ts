import { existsSync, readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { writeDurably } from "../../../config/base/durable.ts";
import { AgentError } from "../../../config/base/errors.ts";
import { refusalOf } from "../../../config/orders/lines.ts";
import { answerOne } from "../../../config/orders/one-order.ts";
import type { Rauc } from "../rauc/rauc.ts";
import { compareVersions, isVersion } from "../rules/version.ts";
import { parseOrder, type UpdateAnswer } from "./wire.ts";

export interface UpdatingParts {
  readonly rauc: Rauc;
  /** The one that is inspected and installed. */
  readonly bundle: string;
  /** What the running slot says that it holds: a line `VERSION=…`. */
  readonly release: string;
  /** Below the version in it nothing is installed any more. */
  readonly minimum: string;
  /** Starts the unit anew. */
  readonly restart: () => Promise<void>;
}

/** Of a unit on which nothing was ever updated. */
const NO_MINIMUM = "0.0.0";

/** Takes one order from `input` and gives its answer to `output`, which it ends. */
export async function answerUpdateOrder(
  input: Readable,
  output: Writable,
  parts: UpdatingParts,
): Promise<void> {
  await answerOne(input, output, (line) => doOrder(line, parts));
}

/** Does one order of a program that has no right to write slots. Never throws. */
async function doOrder(line: string, parts: UpdatingParts): Promise<UpdateAnswer> {
  try {
    return await carryOut(line, parts);
  } catch (error) {
    return refusalOf(error);
  }
}

async function carryOut(line: string, parts: UpdatingParts): Promise<UpdateAnswer> {
  const { rauc, bundle } = parts;
  switch (parseOrder(line).do) {
    case "inspect":
      return { bundle: await rauc.inspect(bundle) };
    case "install":
      await install(parts);
      return { done: true };
    case "status": {
      const { slots } = await rauc.status();
      return { slots, version: runningVersion(parts), minimumVersion: minimumOf(parts) };
    }
    case "good":
      await rauc.good();
      await raiseMinimum(parts);
      return { done: true };
    case "restart":
      await parts.restart();
      return { done: true };
  }
}

/** Throws `bundle-too-old` beside what RAUC throws. */
async function install(parts: UpdatingParts): Promise<void> {
  const { version } = await parts.rauc.inspect(parts.bundle);
  const minimum = minimumOf(parts);
  if (compareVersions(version, minimum) < 0)
    throw new AgentError("bundle-too-old", `${version}; at least ${minimum}`);
  await parts.rauc.install(parts.bundle);
}

/** What runs well decides what may still follow it. */
async function raiseMinimum(parts: UpdatingParts): Promise<void> {
  const { slots } = await parts.rauc.status();
  const wanted = slots.find(({ booted }) => booted)?.holds?.minimumVersion ?? NO_MINIMUM;
  if (compareVersions(wanted, minimumOf(parts)) > 0) writeDurably(parts.minimum, `${wanted}\n`, 0o644);
}

function minimumOf({ minimum }: UpdatingParts): string {
  if (!existsSync(minimum)) return NO_MINIMUM;
  const told = readFileSync(minimum, "utf8").trim();
  if (!isVersion(told)) throw new AgentError("update-failed", `${minimum}: no version`);
  return told;
}

function runningVersion({ release }: UpdatingParts): string {
  const [, version = ""] = /^VERSION=(\S+)$/m.exec(readFileSync(release, "utf8")) ?? [];
  if (!isVersion(version)) throw new AgentError("update-failed", `${release}: no version`);
  return version;
}
