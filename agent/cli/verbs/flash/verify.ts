import { resolve } from "node:path";
import { systemClock } from "../../../../config/base/clock.ts";
import { SYSTEM_DISKS } from "../../../flash/disks/disk-paths.ts";
import { verifyFlash } from "../../../flash/flash.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { pairs } from "../../face/table.ts";
import { harmless } from "../../face/width.ts";
import { flashWords } from "../../text/flash/words.ts";
import { untilDone } from "../until-stopped.ts";
import { personalText } from "./personal-text.ts";
import { progressBar } from "./progress-bar.ts";
import { imageRows } from "./write.ts";

/** Compares a card with its image; exit 1: it is another, or its personal part is damaged. */
export async function verify(
  face: Face,
  image: string,
  target: string,
  options: { json?: boolean },
  paths = SYSTEM_DISKS,
): Promise<ExitCode> {
  const report = await untilDone(face, resolve(target), (signal) =>
    verifyFlash({ image, target, paths, signal, onProgress: progressBar(face, systemClock) }),
  );
  if (options.json === true) face.printJson(report);
  else if (report.same) {
    const same = face.say(flashWords.same, { target: harmless(report.target) });
    const personal = personalText(face, report.personal);
    face.print(
      face.paint("green", same),
      ...pairs([...imageRows(face, report), [face.say(flashWords.personal), personal]]),
    );
  } else {
    const at = report.differs_at;
    face.print(face.paint("red", face.say(flashWords.differs, { target: harmless(report.target), at })));
  }
  return report.same && report.personal.state !== "damaged" ? 0 : 1;
}
