import { commandErrors } from "./errors/command.ts";
import type { ErrorText } from "./errors/error-text.ts";
import { evidenceErrors } from "./errors/evidence.ts";
import { flashErrors } from "./errors/flash.ts";
import { hardwareErrors } from "./errors/hardware.ts";
import { liveErrors } from "./errors/live.ts";
import { probeErrors } from "./errors/probes.ts";
import { sharingErrors } from "./errors/sharing.ts";
import { updateErrors } from "./errors/update.ts";

const texts = {
  ...commandErrors,
  ...evidenceErrors,
  ...liveErrors,
  ...hardwareErrors,
  ...flashErrors,
  ...sharingErrors,
  ...probeErrors,
  ...updateErrors,
};

export type ErrorTextCode = keyof typeof texts;

/** The text of a code; null for codes that say enough themselves. */
export function errorText(code: string): ErrorText | null {
  return Object.hasOwn(texts, code) ? texts[code as ErrorTextCode] : null;
}

/** Every code that has a text. */
export const errorTextCodes = Object.keys(texts) as ErrorTextCode[];
