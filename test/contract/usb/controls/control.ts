import type { AgentError } from "../../../../config/base/errors.ts";
import type { UsbBus, UsbDevice, UsbLink } from "../../../../drivers/usb/usb-link.ts";
import { altered } from "../../../support/altered.ts";
import type { USB_CHECKS } from "../../usb-link.ts";

export type UsbCheckTitle = keyof typeof USB_CHECKS;

/** A bus that breaks one rule: the check it is filed under must fail, and say so. */
export interface UsbControl {
  /** What is wrong with it, after "a bus that". */
  broken: string;
  /** What the check says. */
  says: RegExp;
  /** Other checks that see it as well; all that are not named here must pass. */
  seenToo?: readonly UsbCheckTitle[];
  change: (bus: UsbBus) => Partial<UsbBus>;
}

export type UsbControls = Partial<Record<UsbCheckTitle, readonly [UsbControl, ...UsbControl[]]>>;

/** Tells each device changed. */
export const telling = (change: (device: UsbDevice) => UsbDevice) => (bus: UsbBus) => ({
  watch: (onChange: Parameters<UsbBus["watch"]>[0], signal: AbortSignal) =>
    bus.watch(({ kind, device }) => onChange({ kind, device: change(device) }), signal),
});

/** Opens links that are changed. */
export const linking = (change: (link: UsbLink) => Partial<UsbLink>) => (bus: UsbBus) => ({
  open: async (device: UsbDevice, interfaceNumber: number) => {
    const link = await bus.open(device, interfaceNumber);
    return altered(link, change(link));
  },
});

/** Reads whose errors are told as `told` has it; null: as they are. */
export const readFailing = (
  told: (error: unknown, isClosed: boolean, timeoutMs: number) => AgentError | Promise<never> | null,
) =>
  linking((link) => {
    let isClosed = false;
    return {
      close: async () => {
        isClosed = true;
        await link.close();
      },
      bulkIn: (endpoint, length, timeoutMs) =>
        link.bulkIn(endpoint, length, timeoutMs).catch(async (error: unknown) => {
          throw (await told(error, isClosed, timeoutMs)) ?? error;
        }),
    };
  });

/** Each of these asks the disk who it is. */
export const INQUIRING: readonly UsbCheckTitle[] = [
  "transfers in bulk; a short packet ends a transfer",
  "puts what comes into the memory that it is given, or into its own",
  "waits as long as it is told to, and loses nothing by it",
  "halts an endpoint until the halt is cleared",
  "stays usable over a reset",
  "lets one claim an interface at a time, and the next one after",
  "fails what waits when it is unplugged, and tells the same port with another insertion",
];
