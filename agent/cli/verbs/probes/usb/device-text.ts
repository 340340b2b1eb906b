import { type SeenDevice, type SeenInterface, usbId } from "../../../../probes/usb/seen-device.ts";
import type { Face } from "../../../face/face.ts";
import { harmless } from "../../../face/width.ts";
import { usbFindings, usbWords } from "../../../text/probes/usb.ts";

/** What it is on one line; below it who claims it, and what is in the way. */
export function deviceLines(face: Face, device: SeenDevice): string[] {
  const lines = [`${harmless(deviceText(face, device))}`];
  const claims = claimsText(face, device.interfaces);
  if (claims !== null) lines.push(`  ${harmless(claims)}`);
  if (device.finding.kind === "refused") lines.push(`  ${face.paint("red", face.say(usbWords.refused))}`);
  const isOurs = device.finding.kind === "recorder";
  if (isOurs && device.may_open === false)
    lines.push(`  ${face.paint("yellow", face.say(usbWords.mayNotOpen))}`);
  return lines;
}

/** `1-1.4 (bay 4)  05c6:9025  Maker Model A000001  mtp`. */
export function deviceText(face: Face, device: SeenDevice): string {
  const { port, bay } = device;
  const where = bay === undefined ? port : `${port} ${face.say(usbWords.bay, { bay })}`;
  const name = [device.manufacturer, device.product, device.serial].filter((part) => part !== undefined);
  return [where, usbId(device), name.join(" "), findingText(face, device)]
    .filter((part) => part !== "")
    .join("  ");
}

function findingText(face: Face, { finding }: SeenDevice): string {
  switch (finding.kind) {
    case "recorder": {
      const text = face.say(usbFindings.recorder, { driver: finding.driver, family: finding.family });
      return finding.unsure === true ? `${text} ${face.say(usbWords.unsure)}` : text;
    }
    case "refused":
      return face.say(usbFindings.refused, { reason: finding.reason });
    case "hub":
      return face.say(usbFindings.hub);
    case "other":
      return face.say(usbFindings.other);
  }
}

/** null: nobody has claimed any interface. */
function claimsText(face: Face, interfaces: readonly SeenInterface[]): string | null {
  const claimed = interfaces.flatMap(({ number, claimed_by: by }) =>
    by === undefined ? [] : [{ number, by }],
  );
  if (claimed.length === 0) return null;
  const told = claimed.map(({ number, by }) =>
    by === "usbfs" ? face.say(usbWords.byProgram, { number }) : face.say(usbWords.byKernel, { number, by }),
  );
  return told.join(face.say(usbWords.and));
}
