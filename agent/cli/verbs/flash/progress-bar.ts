import type { Clock } from "../../../../config/base/clock.ts";
import type { FlashProgress } from "../../../flash/writing/blocks.ts";
import type { Face } from "../../face/face.ts";
import { bytesText, durationText } from "../../face/units.ts";
import { pad } from "../../face/width.ts";
import { flashWords } from "../../text/flash/words.ts";

const BAR_COLUMNS = 20;
const PHASE_COLUMNS = 12;
/** More often nobody reads it, and the terminal costs more than the card. */
const EVERY_US = 200_000;
/** Before that a rate is chance. */
const RATE_AFTER_US = 1_000_000;

/** A line of progress for each phase: `writing  ######..............  31 %  9.2 GiB  21.3 MiB/s  5:12.0 left`. */
export function progressBar(face: Face, clock: Clock): (progress: FlashProgress) => void {
  let phase: FlashProgress["phase"] | null = null;
  let startUs = 0;
  let startDone = 0;
  let shownUs = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const nowUs = clock.monoUs();
    if (progress.phase !== phase) {
      phase = progress.phase;
      startUs = nowUs;
      startDone = progress.done;
    } else if (nowUs - shownUs < EVERY_US) return;
    shownUs = nowUs;
    const us = nowUs - startUs;
    const rate = us < RATE_AFTER_US ? null : ((progress.done - startDone) / us) * 1_000_000;
    face.progress(progressLine(face, progress, rate));
  };
}

/** `rate` in bytes a second; null: not known yet. At most 80 columns. */
export function progressLine(face: Face, { phase, done, total }: FlashProgress, rate: number | null): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.floor(share * BAR_COLUMNS);
  const name = face.say(phase === "writing" ? flashWords.phaseWriting : flashWords.phaseReading);
  const parts = [
    pad(name, PHASE_COLUMNS, "left"),
    `${"#".repeat(filled)}${".".repeat(BAR_COLUMNS - filled)}`,
    `${String(Math.floor(share * 100)).padStart(3)} %`,
    bytesText(done),
  ];
  if (rate !== null && rate > 0) {
    const time = durationText(((total - done) / rate) * 1000).replace(/\.\d$/, "");
    parts.push(
      face.say(flashWords.perSecond, { bytes: bytesText(rate) }),
      face.say(flashWords.left, { time }),
    );
  }
  return parts.join("  ");
}
