import { availableParallelism } from "node:os";
import { checkMedia, type MediaFindings } from "../../../../../crypto/ledger/query/check-media.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { pairs } from "../../../face/table.ts";
import { bytesText } from "../../../face/units.ts";
import { ledgerWords as say } from "../../../text/evidence/ledger/words.ts";
import { dataDirOf, type Target } from "../../target.ts";
import { untilDone } from "../../until-stopped.ts";

export interface MediaCheckOptions extends Target {
  json?: boolean;
  full?: boolean;
}

const MAX_THREADS = 4;
const BAD_SHOWN = 20;

/** Holds the media store against the ledger; exit 1 where a file is not as its entry says. */
export async function check(face: Face, { json, full, ...target }: MediaCheckOptions): Promise<ExitCode> {
  const dataDir = await dataDirOf(face, target);
  const found = await untilDone(face, dataDir, (signal) =>
    visitLedger(dataDir, (reader) =>
      checkMedia(reader, {
        dataDir,
        hashThreads: full === true ? Math.min(availableParallelism(), MAX_THREADS) : 0,
        signal,
        onProgress: (done, files) => face.progress(face.say(say.checking, { done, files })),
      }),
    ),
  );
  const ok = found.missing + found.wrongSize + found.altered + found.unreadable === 0;
  if (json === true) face.printJson(told(found, full === true, ok));
  else face.print(...lines(face, found, full === true));
  return ok ? 0 : 1;
}

function told({ wrongSize, orphanNames, ...found }: MediaFindings, full: boolean, ok: boolean): object {
  return { ...found, full, wrong_size: wrongSize, orphan_names: orphanNames, ok };
}

function lines(face: Face, found: MediaFindings, full: boolean): string[] {
  const { files, bytes, bad } = found;
  return [
    ...pairs([
      [face.say(say.files), face.say(say.filesText, { files, bytes: bytesText(bytes) })],
      [face.say(say.whole), String(found.whole)],
      [face.say(say.purged), String(found.purged)],
      [face.say(say.missing), String(found.missing)],
      [face.say(say.wrongSize), String(found.wrongSize)],
      ...(full
        ? ([
            [face.say(say.altered), String(found.altered)],
            [face.say(say.unreadable), String(found.unreadable)],
          ] as [string, string][])
        : []),
      [face.say(say.orphans), String(found.orphans)],
      [face.say(say.quarantined), String(found.quarantined)],
    ]),
    ...bad.slice(0, BAD_SHOWN).map(({ digest, seq, state }) => `${state}  ${seq}  ${digest}`),
    ...(full ? [] : [face.say(say.notRead)]),
  ];
}
