import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { AgentError } from "../../../../config/base/errors.ts";
import { readNamedFile } from "../../../../config/base/named-file.ts";
import type { VerifyProgress } from "../../../../crypto/ledger/verify/context.ts";
import { keepHeapSmall } from "../../../../crypto/ledger/verify/small-heap.ts";
import { verifyDirectory } from "../../../../crypto/ledger/verify/verify-directory.ts";
import { readTrust } from "../../../../crypto/proof/trust.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { reportWords } from "../../text/evidence/problems.ts";
import { untilDone } from "../until-stopped.ts";
import { reportLines } from "./report.ts";

export interface VerifyOptions {
  trust: string;
  note?: string;
  trustReceipts?: boolean;
  allowPurged?: boolean;
  json?: boolean;
}

/** As many threads as Node's pool has. */
const MAX_WORKERS = 4;

/** Checks a ledger and its media. Misuse is an unusable trust file or a directory that is none; all else is a verdict. */
export async function verify(face: Face, dir: string, options: VerifyOptions): Promise<ExitCode> {
  const dataDir = resolve(dir);
  if (statSync(dataDir, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new AgentError("directory-missing", dataDir);
  }
  keepHeapSmall();
  const report = await untilDone(face, dataDir, (signal) =>
    verifyDirectory({
      dataDir,
      trust: readTrust(options.trust),
      trustReceipts: options.trustReceipts === true,
      allowPurged: options.allowPurged === true,
      workers: Math.min(availableParallelism(), MAX_WORKERS),
      signal,
      onProgress: (progress) => face.progress(progressLine(face, progress)),
      ...(options.note === undefined ? {} : { note: readNamedFile(options.note).toString() }),
    }),
  );
  if (options.json === true) face.printJson(report);
  else face.print(...reportLines(face, report));
  switch (report.verdict) {
    case "authentic":
    case "authentic-unwitnessed-tail":
      return 0;
    case "incomplete":
    case "altered":
    case "unreadable":
      return 1;
  }
}

function progressLine(face: Face, { phase, done, total }: VerifyProgress): string {
  switch (phase) {
    case "entries":
      return face.say(reportWords.progressEntries, { done, total });
    case "media":
      return face.say(reportWords.progressMedia, { done, total });
  }
}
