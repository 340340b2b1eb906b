import { errorCode } from "../../../config/base/errors.ts";
import type { ImportSource } from "../../../crypto/entry/recording-types.ts";
import type { RecorderFile } from "../../../drivers/recorders/recorder-driver.ts";
import type { ImportOrder, ImportProgress } from "../../import/import-job.ts";
import { PASSING, PAUSE_MS, TRIES } from "../introduction.ts";
import { ROOM_MS, WANTS_ROOM } from "../room.ts";
import type { FileFate } from "./card-book.ts";
import type { Emptying } from "./emptying.ts";
import { nameClaims } from "./name-claims.ts";

/** How long the docking of another bay, from where the recorder came, may take to let go of a file. */
const RUNNING_MS = 60_000;

/** What became of a file; `isResumed`: its import was begun in another docking. */
export interface Outcome {
  fate: FileFate;
  isResumed: boolean;
}

/**
 * Imports a file, whatever the ledger holds of it. Throws what ends the docking: `recorder-gone`, an abort, the
 * writer's own end.
 */
export async function importFile(work: Emptying, file: RecorderFile, signal: AbortSignal): Promise<Outcome> {
  const { serial, driver, parts } = work;
  const claim = claimOf(serial, file);
  const source = driver.sourceOf(file);
  if (source === null) return failed("unsupported");
  const continues = parts.memory.unfinishedOf(claim);
  const wearer = work.wearer();
  const order: ImportOrder = {
    claim,
    source,
    ...(wearer === undefined ? {} : { wearer }),
    ...(nameClaims(file.path)?.isImportant === true ? { important: true } : {}),
    ...(continues === null ? {} : { continues }),
  };
  const onProgress = ({ doneBytes }: ImportProgress) => work.onProgress(file.path, doneBytes);
  let runningMs = 0;
  for (let tries = 1; ; ) {
    try {
      const imported = await parts.importer.importFile(order, { signal, onProgress });
      const { rec, fileDigest, reason, startSeq } = imported;
      if (fileDigest === null) return failed(reason);
      const fate = { kind: "imported", rec, fileDigest, fresh: true } as const;
      return { fate, isResumed: startSeq < work.sinceSeq };
    } catch (error) {
      const code = errorCode(error);
      parts.counters.add(`import-${code}`);
      if (code === "recorder-gone" || signal.aborted) throw error;
      const isRoomWanted = WANTS_ROOM.has(code);
      if (code === "import-running" && runningMs < RUNNING_MS) {
        runningMs += PAUSE_MS;
        await parts.clock.sleep(PAUSE_MS, signal);
        continue;
      }
      if (!isRoomWanted && (!PASSING.has(code) || tries++ >= TRIES)) return failed(code);
      await parts.clock.sleep(isRoomWanted ? ROOM_MS : PAUSE_MS, signal);
    } finally {
      work.onProgress(file.path, 0);
    }
  }
}

function failed(reason: string): Outcome {
  return { fate: { kind: "failed", reason }, isResumed: false };
}

/** What the ledger knows a file by. */
export function claimOf(serial: string, { path, bytes, modifiedMs }: RecorderFile): ImportSource {
  return { serial, path, bytes, ...(modifiedMs === undefined ? {} : { modified_ms: modifiedMs }) };
}
