import { basename, resolve } from "node:path";
import { systemClock } from "../../../../config/base/clock.ts";
import { SYSTEM_DISKS } from "../../../flash/disks/disk-paths.ts";
import { type FlashReport, flashImage, type WriteReport } from "../../../flash/flash.ts";
import { gatherPersonal, type PersonalWish } from "../../../flash/personal/gather.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { pairs } from "../../face/table.ts";
import { bytesText } from "../../face/units.ts";
import { harmless } from "../../face/width.ts";
import { flashWords } from "../../text/flash/words.ts";
import { untilDone } from "../until-stopped.ts";
import { namesText } from "./personal-text.ts";
import { progressBar } from "./progress-bar.ts";

export interface WriteOptions extends PersonalWish {
  yes?: boolean;
  mostGib: number;
  json?: boolean;
}

/** Writes an image to a card and reads it back. */
export async function write(
  face: Face,
  image: string,
  target: string,
  options: WriteOptions,
  paths = SYSTEM_DISKS,
): Promise<ExitCode> {
  const personal = gatherPersonal(options);
  const report = await untilDone(
    face,
    resolve(target),
    (signal) =>
      flashImage({
        image,
        target,
        paths,
        personal,
        mostBytes: options.mostGib * 2 ** 30,
        insists: options.yes === true,
        signal,
        onProgress: progressBar(face, systemClock),
      }),
    "flash-interrupted",
  );
  if (options.json === true) face.printJson(report);
  else face.print(...reportLines(face, report));
  return 0;
}

function reportLines(face: Face, report: WriteReport): string[] {
  const done = face.say(flashWords.written, { target: harmless(report.target) });
  const rows = imageRows(face, report);
  if (report.personal.length > 0)
    rows.push([face.say(flashWords.personal), namesText(face, report.personal)]);
  return [face.paint("green", done), ...pairs(rows)];
}

/** What was compared with what. */
export function imageRows(
  face: Face,
  report: FlashReport & { sha256: string; checked: boolean },
): [string, string][] {
  const file = `${basename(report.image)}.sha256`;
  const rows: [string, string][] = [
    [face.say(flashWords.image), `${basename(report.image)}, ${bytesText(report.bytes)}`],
    [face.say(flashWords.digest), report.sha256],
    [
      face.say(flashWords.origin),
      face.say(report.checked ? flashWords.checked : flashWords.unchecked, { file }),
    ],
  ];
  if (report.read_back === "memory")
    rows.push([face.say(flashWords.readBack), face.say(flashWords.fromMemory)]);
  return rows;
}
