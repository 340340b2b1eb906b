import { AgentError } from "../../../config/base/errors.ts";

/**
 * libusb's numbers in the words of usb-link.ts. A transfer that ends tells a status (above 0, libusb_transfer_status), a
 * call an error (below 0, libusb_error); node-usb puts both into `errno`.
 */
const CODES: ReadonlyMap<number, string> = new Map([
  [2, "usb-timeout"],
  // cancelled: by `close`, or because the device went
  [3, "usb-gone"],
  [4, "usb-stall"],
  [5, "usb-gone"],
  [6, "usb-overflow"],
  [-3, "usb-access"],
  [-4, "usb-gone"],
  [-6, "usb-busy"],
  [-7, "usb-timeout"],
  [-8, "usb-overflow"],
  [-9, "usb-stall"],
]);

export function usbError(cause: unknown, place: string): AgentError {
  if (cause instanceof AgentError) return cause;
  const { errno } = (cause ?? {}) as { errno?: unknown };
  const code = (typeof errno === "number" ? CODES.get(errno) : undefined) ?? "usb-failed";
  const next =
    code === "usb-access" ? { next: "install the udev rules of config/udev and plug it in again" } : {};
  return new AgentError(code, place, { cause, ...next });
}
