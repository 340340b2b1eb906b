import {
  chownSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { syncDirectory } from "../../../../config/base/durable.ts";
import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import { stagedBundleOf } from "../../../update/service/wire.ts";

/** Puts a bundle where the updating service looks for it, whole or not at all. Throws `bundle-missing`, `update-failed`. */
export function stageBundle(bundle: string, dataDir: string): void {
  const staged = stagedBundleOf(dataDir);
  const unfinished = `${staged}.new`;
  const owner = statSync(dataDir);
  mkdirSync(dirname(staged), { recursive: true, mode: 0o750 });
  try {
    chownSync(dirname(staged), owner.uid, owner.gid);
    copyFileSync(bundle, unfinished);
    chownSync(unfinished, owner.uid, owner.gid);
  } catch (cause) {
    throw new AgentError(errorCode(cause) === "ENOENT" ? "bundle-missing" : "update-failed", bundle, {
      cause,
    });
  }
  const fd = openSync(unfinished, "r");
  fsyncSync(fd);
  closeSync(fd);
  renameSync(unfinished, staged);
  syncDirectory(dirname(staged));
}
