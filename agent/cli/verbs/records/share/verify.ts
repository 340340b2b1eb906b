import { readTrust } from "../../../../../crypto/proof/trust.ts";
import type { FolderVerdict } from "../../../../records/sharing/verify/folder-verdict.ts";
import { verifyFolder } from "../../../../records/sharing/verify/verify-folder.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { momentText } from "../../../face/units.ts";
import { harmless } from "../../../face/width.ts";
import { folderFaultWords, shareWords as say } from "../../../text/records/share.ts";

/** Holds an exported folder against a trust file; exit 1 where anything in it does not hold. */
export async function verifyShare(
  face: Face,
  directory: string,
  { trust, json }: { trust: string; json?: boolean },
): Promise<ExitCode> {
  const verdict = await verifyFolder(directory, readTrust(trust));
  if (json === true) face.printJson(verdict);
  else face.print(...lines(face, verdict));
  return verdict.holds ? 0 : 1;
}

function lines(face: Face, verdict: FolderVerdict): string[] {
  const { activity, cosigned_ms: cosignedMs, witnesses, faults, holds } = verdict;
  const { entries, size, dev, documents, recordings, photos, receipts } = verdict;
  return [
    face.paint(holds ? "green" : "red", face.say(holds ? say.holds : say.holdsNot)),
    ...faults.map(({ file, code }) => `  ${harmless(file)}: ${face.say(folderFaultWords[code])}`),
    ...(activity === null
      ? []
      : [harmless(face.say(say.ofActivity, { ...activity, time: momentText(activity.opened_ms) }))]),
    face.say(say.entriesProven, { entries, size, dev }),
    cosignedMs === null
      ? face.say(say.uncosigned)
      : face.say(say.cosigned, { witnesses: witnesses.join(", "), time: momentText(cosignedMs) }),
    face.say(say.whole, { documents, recordings, photos, receipts }),
    face.say(say.leftOut),
  ];
}
