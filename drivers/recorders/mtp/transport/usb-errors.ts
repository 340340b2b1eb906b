import { AgentError, errorCode } from "../../../../config/base/errors.ts";

const MEANINGS: Readonly<Record<string, string>> = {
  "usb-timeout": "recorder-silent",
  "usb-stall": "recorder-answer",
  "usb-overflow": "recorder-answer",
  "usb-gone": "recorder-gone",
  "usb-access": "recorder-gone",
  "usb-busy": "recorder-gone",
  "usb-failed": "recorder-gone",
};

/** What an error of the link means to who uses a recorder; other errors stay themselves. */
export function asRecorderError(error: unknown, what: string): unknown {
  const meaning = MEANINGS[errorCode(error)];
  return meaning === undefined ? error : new AgentError(meaning, what, { cause: error });
}
