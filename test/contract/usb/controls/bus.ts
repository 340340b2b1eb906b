import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import type { UsbDevice, UsbLink } from "../../../../drivers/usb/usb-link.ts";
import { LONG_MS } from "../stage.ts";
import { INQUIRING, readFailing, telling, type UsbControls } from "./control.ts";

const unplug = "fails what waits when it is unplugged, and tells the same port with another insertion";
const closing = "ends a transfer that waits when its link closes";
const unknown = "says that a request is not known, and goes on";

/** Devices that are told, and interfaces that are claimed. */
export const busControls = {
  "tells a device by its port and its descriptors": [
    {
      broken: "counts devices in place of ports",
      says: /usb1/,
      seenToo: [...INQUIRING, "asks on endpoint 0", unknown, "knows no other interface", closing],
      change: telling((device) => ({ ...device, port: "usb1" })),
    },
    {
      broken: "leaves the serial out",
      says: /no serial/,
      change: telling(({ serial: _, ...device }) => device),
    },
    {
      broken: "tells packets that no bulk endpoint has",
      says: /8,8/,
      change: telling((device) => ({
        ...device,
        interfaces: device.interfaces.map((one) => ({
          ...one,
          endpoints: one.endpoints.map((endpoint) => ({ ...endpoint, packetBytes: 8 })),
        })),
      })),
    },
  ],

  "lets one claim an interface at a time, and the next one after": [
    {
      broken: "waits for the one who has the interface",
      says: /usb-timeout/,
      change: (bus) => ({
        open: (device, interfaceNumber) =>
          bus.open(device, interfaceNumber).catch((error: unknown) => {
            throw errorCode(error) === "usb-busy" ? new AgentError("usb-timeout", "claim") : error;
          }),
      }),
    },
    {
      broken: "goes on with a link that was closed",
      says: /usb-timeout/,
      change: readFailing((_, isClosed, timeoutMs) =>
        isClosed && timeoutMs < LONG_MS ? new AgentError("usb-timeout", "closed") : null,
      ),
    },
    {
      broken: "keeps an interface claimed",
      says: /usb-busy/,
      seenToo: [unplug],
      change: (bus) => {
        let openings = 0;
        return {
          open: async (device, interfaceNumber) => {
            const link = await bus.open(device, interfaceNumber);
            if (++openings > 1) {
              await link.close();
              throw new AgentError("usb-busy", "claimed");
            }
            return link;
          },
        };
      },
    },
  ],

  "knows no other interface": [
    {
      broken: "opens an interface that is not there",
      says: /rejection/,
      change: (bus) => ({
        open: (device, interfaceNumber) => bus.open(device, interfaceNumber === 99 ? 0 : interfaceNumber),
      }),
    },
  ],

  "fails what waits when it is unplugged, and tells the same port with another insertion": [
    {
      broken: "takes an unplug for silence",
      says: /usb-timeout/,
      change: readFailing((error, isClosed) =>
        errorCode(error) === "usb-gone" && !isClosed ? new AgentError("usb-timeout", "unplugged") : null,
      ),
    },
    {
      broken: "counts no insertions",
      says: /the same insertion/,
      change: (bus) => ({
        watch: (onChange, signal) => {
          const told = new Map<string, number>();
          return bus.watch(({ kind, device }) => {
            const insertion = told.get(device.port) ?? device.insertion;
            told.set(device.port, insertion);
            onChange({ kind, device: { ...device, insertion } });
          }, signal);
        },
      }),
    },
    {
      broken: "opens whatever is in the port now",
      says: /rejection/,
      change: (bus) => {
        let last: UsbDevice | null = null;
        return {
          watch: (onChange, signal) =>
            bus.watch((change) => {
              last = change.device;
              onChange(change);
            }, signal),
          open: (device, interfaceNumber) =>
            bus.open(device, interfaceNumber).catch((error: unknown) => {
              if (errorCode(error) !== "usb-gone" || last === null) throw error;
              return {} as UsbLink;
            }),
        };
      },
    },
    {
      broken: "does not tell that a device has gone",
      says: /its going/,
      change: (bus) => ({
        watch: (onChange, signal) =>
          bus.watch((change) => {
            if (change.kind === "attached") onChange(change);
          }, signal),
      }),
    },
  ],
} satisfies UsbControls;
