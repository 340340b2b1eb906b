import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import { LONG_MS, WAIT_MS } from "../stage.ts";
import { INQUIRING, linking, readFailing, telling, type UsbControls } from "./control.ts";

/** Transfers over one link. */
export const linkControls = {
  "asks on endpoint 0": [
    {
      broken: "gives more than was asked for",
      says: /more than was asked for/,
      change: linking((link) => ({
        controlIn: (setup, length, timeoutMs) => link.controlIn(setup, Math.max(length, 18), timeoutMs),
      })),
    },
    {
      broken: "tells ids of another device",
      says: /4661|4660/,
      change: telling((device) => ({ ...device, vendorId: device.vendorId + 1 })),
    },
  ],

  "says that a request is not known, and goes on": [
    {
      broken: "takes an unknown request for an empty answer",
      says: /rejection/,
      change: linking((link) => ({
        controlIn: (setup, length, timeoutMs) =>
          link.controlIn(setup, length, timeoutMs).catch(() => new Uint8Array(0)),
      })),
    },
    {
      broken: "gives a device up that does not know a request",
      says: /usb-gone/,
      change: linking((link) => {
        let isLost = false;
        return {
          controlIn: async (setup, length, timeoutMs) => {
            if (isLost) throw new AgentError("usb-gone", "given up");
            return link.controlIn(setup, length, timeoutMs).catch((error: unknown) => {
              isLost = errorCode(error) === "usb-stall";
              throw error;
            });
          },
        };
      }),
    },
  ],

  "transfers in bulk; a short packet ends a transfer": [
    {
      broken: "fills a transfer up",
      says: /no short packet/,
      seenToo: INQUIRING,
      change: linking((link) => ({
        bulkIn: async (endpoint, length, timeoutMs) =>
          Buffer.concat([await link.bulkIn(endpoint, length, timeoutMs)], length),
      })),
    },
  ],

  "puts what comes into the memory that it is given, or into its own": [
    {
      broken: "uses more of the memory than what comes takes",
      says: /bytes beside what came/,
      change: linking((link) => ({
        bulkIn: async (endpoint, length, timeoutMs, memory) => {
          const come = await link.bulkIn(endpoint, length, timeoutMs);
          if (memory === undefined) return come;
          memory.fill(0);
          memory.set(come);
          return memory.subarray(0, come.length);
        },
      })),
    },
    {
      broken: "tells of memory that it did not fill",
      says: /other bytes than came/,
      change: linking((link) => ({
        bulkIn: async (endpoint, length, timeoutMs, memory) => {
          const come = await link.bulkIn(endpoint, length, timeoutMs);
          return memory?.subarray(0, come.length) ?? come;
        },
      })),
    },
  ],

  "waits as long as it is told to, and loses nothing by it": [
    {
      broken: "gives up before its time",
      says: /waited/,
      change: linking((link) => ({
        bulkIn: (endpoint, length, timeoutMs) =>
          link.bulkIn(endpoint, length, timeoutMs === WAIT_MS ? 20 : timeoutMs),
      })),
    },
    {
      broken: "waits for ever",
      says: /waited/,
      change: linking((link) => ({
        bulkIn: (endpoint, length, timeoutMs) => link.bulkIn(endpoint, length, Math.max(timeoutMs, 1_600)),
      })),
    },
    {
      broken: "loses what comes after a time limit",
      says: /usb-timeout/,
      change: linking((link) => {
        let isLosing = false;
        return {
          bulkIn: async (endpoint, length, timeoutMs) => {
            if (isLosing) await link.bulkIn(endpoint, length, timeoutMs);
            isLosing = false;
            return link.bulkIn(endpoint, length, Math.min(timeoutMs, 500)).catch((error: unknown) => {
              isLosing = errorCode(error) === "usb-timeout";
              throw error;
            });
          },
        };
      }),
    },
  ],

  "halts an endpoint until the halt is cleared": [
    {
      broken: "clears a halt by itself",
      says: /usb-timeout/,
      change: linking((link) => ({
        bulkIn: (endpoint, length, timeoutMs) =>
          link.bulkIn(endpoint, length, timeoutMs).catch(async (error: unknown) => {
            if (errorCode(error) !== "usb-stall") throw error;
            await link.clearHalt(endpoint);
            return link.bulkIn(endpoint, length, 50);
          }),
      })),
    },
    {
      broken: "clears no halt",
      says: /usb-stall/,
      change: linking(() => ({ clearHalt: async () => {} })),
    },
    {
      broken: "calls a halt a failure",
      says: /usb-failed/,
      change: linking((link) => ({
        bulkOut: (endpoint, bytes, timeoutMs) =>
          link.bulkOut(endpoint, bytes, timeoutMs).catch((error: unknown) => {
            throw errorCode(error) === "usb-stall" ? new AgentError("usb-failed", "endpoint") : error;
          }),
      })),
    },
  ],

  "stays usable over a reset": [
    {
      broken: "loses its device in a reset",
      says: /usb-gone/,
      change: linking((link) => ({
        reset: async () => {
          await link.reset();
          await link.close();
        },
      })),
    },
  ],

  "ends a transfer that waits when its link closes": [
    {
      broken: "lets a transfer wait for its own time limit",
      says: /the end of the transfer: not within/,
      change: readFailing((_, isClosed, timeoutMs) =>
        isClosed && timeoutMs === LONG_MS ? new Promise<never>(() => {}) : null,
      ),
    },
  ],
} satisfies UsbControls;
