import { systemClock } from "../../../../../config/base/clock.ts";
import { withDeadline } from "../../../../../config/base/deadline.ts";
import { AgentError } from "../../../../../config/base/errors.ts";
import { askDock, type DockedRecorder } from "../../../../probes/usb/ask-dock.ts";
import { placeOf } from "../../../../probes/usb/bus-watch.ts";
import { probeRecorder, type RecorderAnswers } from "../../../../probes/usb/probe-recorder.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { pairs } from "../../../face/table.ts";
import { bytesText } from "../../../face/units.ts";
import { bayStates, dockWords } from "../../../text/dock/words.ts";
import { usbWords } from "../../../text/probes/usb.ts";
import { configOf, type ProbeOptions } from "../../target.ts";
import { untilStopped } from "../../until-stopped.ts";

export interface UsbProbeOptions extends ProbeOptions {
  files: boolean;
  timeoutS: number;
}

/** Asks one recorder who it is; of a recorder that a running dock holds, the dock is asked. */
export async function probe(face: Face, port: string, options: UsbProbeOptions): Promise<ExitCode> {
  const config = await configOf(face, options);
  const docked = await askDock(config, port);
  if (docked !== null) {
    if (options.json === true) face.printJson({ port, asked: "dock", bay: docked });
    else face.print(...pairs(dockedRows(face, docked)));
    return 0;
  }
  const answers = await untilStopped(face, async (signal) => {
    const limited = withDeadline(signal, options.timeoutS * 1000);
    const utcOffsetMin = config?.role === "dock" ? { utcOffsetMin: config.dock.utcOffsetMin } : {};
    const parts = { clock: systemClock, countFiles: options.files, ...utcOffsetMin };
    try {
      return await probeRecorder(placeOf(config), port, parts, limited);
    } catch (error) {
      if (!limited.aborted || error instanceof AgentError) throw error;
      throw new AgentError("recorder-silent", `${port}: ${options.timeoutS} s`, { cause: error });
    }
  });
  if (options.json === true) face.printJson({ port, asked: "recorder", recorder: answers });
  else face.print(...pairs(recorderRows(face, answers)));
  return 0;
}

type Row = [string, string];

function recorderRows(face: Face, told: RecorderAnswers): Row[] {
  const { serial, model, firmware, battery_pct: percent, battery_mv: millivolts, wearer, card } = told;
  const rows: Row[] = [
    [face.say(dockWords.recorder), `${model} ${serial}`.trim()],
    [face.say(usbWords.driver), `${told.driver} (${told.family})`],
  ];
  if (firmware !== undefined) rows.push([face.say(usbWords.firmware), firmware]);
  if (percent !== undefined) {
    const more = [
      ...(millivolts === undefined ? [] : [`${millivolts} mV`]),
      ...(told.charging === true ? [face.say(usbWords.charging)] : []),
    ];
    rows.push([face.say(dockWords.battery), [`${percent} %`, ...more].join(", ")]);
  }
  if (told.clock_offset_ms !== undefined)
    rows.push([face.say(dockWords.clock), offsetText(face, told.clock_offset_ms)]);
  if (wearer !== undefined) rows.push([face.say(dockWords.wearer), wearer]);
  if (card !== undefined) {
    const { files, bytes, skipped } = card;
    rows.push([
      face.say(dockWords.files),
      face.say(usbWords.cardText, { files, bytes: bytesText(bytes), skipped }),
    ]);
  }
  if (told.card_trouble !== undefined)
    rows.push([face.say(dockWords.files), face.say(usbWords.cardTrouble, { code: told.card_trouble })]);
  rows.push([face.say(usbWords.can), told.capabilities.join(", ") || "-"]);
  return rows;
}

function dockedRows(face: Face, { bay, state, recorder, card }: DockedRecorder): Row[] {
  const rows: Row[] = [
    [face.say(usbWords.asked), face.say(usbWords.askedDock)],
    [face.say(dockWords.bay), bay],
    [face.say(dockWords.state), face.say(bayStates[state])],
    [face.say(dockWords.recorder), `${recorder.model} ${recorder.serial}`],
    [face.say(usbWords.driver), recorder.driver],
  ];
  if (recorder.battery_pct !== undefined)
    rows.push([face.say(dockWords.battery), `${recorder.battery_pct} %`]);
  if (recorder.clock_offset_ms !== undefined)
    rows.push([face.say(dockWords.clock), offsetText(face, recorder.clock_offset_ms)]);
  if (card !== undefined)
    rows.push([
      face.say(dockWords.files),
      face.say(usbWords.cardText, { files: card.files, bytes: bytesText(card.bytes), skipped: card.skipped }),
    ]);
  return rows;
}

function offsetText(face: Face, offsetMs: number): string {
  const seconds = (Math.abs(offsetMs) / 1000).toFixed(1);
  return face.say(offsetMs < 0 ? usbWords.behind : usbWords.ahead, { seconds });
}
