import { SYSTEM_DISKS } from "../../../flash/disks/disk-paths.ts";
import { type Disk, type DiskUse, listDisks } from "../../../flash/disks/list-disks.ts";
import { type Obstacle, type Standing, standingOf } from "../../../flash/disks/standing.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { left, right, table } from "../../face/table.ts";
import { bytesText } from "../../face/units.ts";
import { clip, harmless } from "../../face/width.ts";
import { busNames, flashWords, obstacleTexts } from "../../text/flash/words.ts";
import { words } from "../../text/words.ts";
import { MOST_CARD_BYTES } from "./limits.ts";

const NOTE_INDENT = "    ";
/** What 80 columns leave for it beside the longest of the others. */
const MODEL_COLUMNS = 24;

/** The disks of this machine; exit 1: it has none. */
export async function list(face: Face, options: { json?: boolean }, paths = SYSTEM_DISKS): Promise<ExitCode> {
  const disks = listDisks(paths).map((disk) => ({
    disk,
    standing: standingOf(disk, { mostBytes: MOST_CARD_BYTES }),
  }));
  if (options.json === true) face.printJson({ disks: disks.map(asJson) });
  else if (disks.length === 0) face.print(face.say(flashWords.noDisks));
  else face.print(...diskLines(face, disks));
  return disks.length === 0 ? 1 : 0;
}

interface Listed {
  disk: Disk;
  standing: Standing;
}

function asJson({ disk, standing }: Listed) {
  const { name, path, bytes, bus, model, isRemovable, isReadOnly, uses } = disk;
  return {
    name,
    path,
    bytes,
    bus,
    ...(model === undefined ? {} : { model }),
    removable: isRemovable,
    read_only: isReadOnly,
    uses,
    writable: standing.may,
    obstacles: standing.obstacles,
  };
}

/** A line for each disk, and one below it where something is in the way. */
function diskLines(face: Face, disks: readonly Listed[]): string[] {
  const columns = [
    left(face.say(flashWords.disk)),
    right(face.say(words.size)),
    left(face.say(flashWords.bus)),
    left(face.say(flashWords.kind)),
    left(face.say(flashWords.may)),
    left(face.say(flashWords.model)),
  ];
  const [head = "", ...rows] = table(
    columns,
    disks.map(({ disk, standing }) => [
      disk.path,
      disk.bytes === 0 ? face.say(flashWords.noMedium) : bytesText(disk.bytes),
      face.say(busNames[disk.bus]),
      face.say(disk.isRemovable ? flashWords.removable : flashWords.builtIn),
      mayText(face, standing),
      clip(disk.model ?? "", MODEL_COLUMNS),
    ]),
  );
  const told = rows.flatMap((row, index) => {
    const { disk, standing } = disks[index] as Listed;
    const reasons = standing.obstacles.map((obstacle) => reasonText(face, disk, obstacle));
    return [row, ...reasons.map((reason) => `${NOTE_INDENT}${harmless(reason)}`)];
  });
  return [head, ...told];
}

function mayText(face: Face, { may }: Standing): string {
  switch (may) {
    case "yes":
      return face.say(flashWords.mayYes);
    case "with-yes":
      return face.say(flashWords.mayWithYes);
    case "no":
      return face.say(flashWords.mayNo);
  }
}

function reasonText(face: Face, { uses }: Disk, obstacle: Obstacle): string {
  const reason = face.say(obstacleTexts[obstacle]);
  const details = uses.filter(({ use }) => use === obstacle).map((use) => detailText(face, use));
  if (details.length === 0) return reason;
  return face.say(flashWords.because, { reason, detail: details.join(face.say(flashWords.comma)) });
}

function detailText(face: Face, use: DiskUse): string {
  switch (use.use) {
    case "root":
      return face.say(flashWords.onAt, { device: use.device, at: "/" });
    case "mounted":
      return face.say(flashWords.onAt, { device: use.device, at: use.at });
    case "swap":
      return use.device;
    case "held":
      return face.say(flashWords.by, { device: use.device, by: use.by });
  }
}
