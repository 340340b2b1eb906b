import { AgentError } from "../../../../config/base/errors.ts";
import {
  type BatteryLevel,
  CAPABILITIES,
  type Capability,
  type RecorderIdentity,
} from "../../../../drivers/recorders/recorder-driver.ts";
import type { Change } from "../../../support/recorders/model-recorder.ts";
import type { abilityChecks } from "../abilities.ts";
import type { ControlsOf, RecorderControl } from "./control.ts";

const HOUR_MS = 3_600_000;
const LOCAL_MS = 8 * HOUR_MS;

/** Is asked as ever, and tells this as well. */
const identity =
  (told: Partial<RecorderIdentity>): Change =>
  (driver) => ({ identify: async (signal) => ({ ...(await driver.identify(signal)), ...told }) });
const battery =
  (told: Partial<BatteryLevel>): Change =>
  (driver) => ({ battery: async (signal) => ({ ...(await driver.battery(signal)), ...told }) });

/** Does it, and does not say that it can. */
const undeclared = (capability: Capability): RecorderControl => ({
  broken: `does ${capability} without declaring it`,
  says: new RegExp(`${capability}: (no unsupported|AgentError: file-gone)`),
  change: () => ({ capabilities: new Set(CAPABILITIES.filter((one) => one !== capability)) }),
});
const [first, ...others] = CAPABILITIES;

export const abilityControls: ControlsOf<typeof abilityChecks> = {
  "tells who it is, in bounds and the same each time": [
    {
      broken: "has no serial",
      says: /0 letters/,
      change: identity({ serial: "" }),
    },
    {
      broken: "tells 65 letters",
      says: /65 letters/,
      change: identity({ model: "x".repeat(65) }),
    },
    {
      broken: "passes on whatever the recorder says",
      says: /not harmless/,
      change: identity({ firmware: "\u001b[2J" }),
    },
    {
      broken: "makes a serial up",
      says: /deep-equal[\s\S]*serial/,
      change: (driver) => {
        let told = 0;
        return { identify: async (signal) => ({ ...(await driver.identify(signal)), serial: `${told++}` }) };
      },
    },
  ],

  "throws unsupported for all that it does not declare": [
    undeclared(first),
    ...others.map(undeclared),
    {
      broken: "calls it by another name",
      says: /lamp: .*recorder-refused/,
      change: () => ({
        capabilities: new Set(CAPABILITIES.filter((one) => one !== "lamp")),
        showLamp: async () => {
          throw new AgentError("recorder-refused", "lamp");
        },
      }),
    },
  ],

  "tells a battery between 0 and 100": [
    { broken: "tells 101 %", says: /101 %/, change: battery({ percent: 101 }) },
    { broken: "tells less than nothing", says: /-1 %/, change: battery({ percent: -1 }) },
    { broken: "tells no number", says: /NaN %/, change: battery({ percent: Number.NaN }) },
    { broken: "tells a battery without voltage", says: /: 0 mV/, change: battery({ milliVolts: 0 }) },
  ],

  "reads the recorder's clock as UTC": [
    {
      broken: "reads local time",
      says: /\d+ for \d+/,
      seenToo: ["sets the recorder's clock, and what it reads afterwards is what was set"],
      change: (driver) => ({ readClock: async (signal) => (await driver.readClock(signal)) + LOCAL_MS }),
    },
  ],

  "sets the recorder's clock, and what it reads afterwards is what was set": [
    {
      broken: "says that it is set, and sets nothing",
      says: /\d+ for \d+/,
      change: (driver) => ({ setClock: async (_, signal) => void (await driver.readClock(signal)) }),
    },
    {
      broken: "sets local time",
      says: /\d+ for \d+/,
      change: (driver) => ({ setClock: (utcMs, signal) => driver.setClock(utcMs + LOCAL_MS, signal) }),
    },
    {
      broken: "reads what the clock showed when it was opened",
      says: /false/,
      change: (driver, { clockMs }) => ({
        readClock: (signal) => driver.readClock(signal).then(() => clockMs),
      }),
    },
  ],

  "reads back the wearer that was written": [
    {
      broken: "writes no wearer",
      says: /012345/,
      change: (driver) => ({ writeWearer: async (_, signal) => void (await driver.readWearer(signal)) }),
    },
    {
      broken: "cuts the name",
      says: /张三/,
      change: (driver) => ({
        writeWearer: ({ id, name = "" }, signal) =>
          driver.writeWearer({ id, name: name.slice(0, 1) }, signal),
      }),
    },
    {
      broken: "tells an id without end",
      says: /65 letters/,
      change: (driver) => ({
        readWearer: async (signal) => ({ ...(await driver.readWearer(signal)), id: "1".repeat(65) }),
      }),
    },
  ],

  "shows every lamp that it declares": [
    {
      broken: "has no lamp for files that are kept",
      says: /recorder-refused: kept/,
      change: (driver) => ({
        showLamp: async (lamp, signal) => {
          if (lamp === "kept") throw new AgentError("recorder-refused", lamp);
          await driver.showLamp(lamp, signal);
        },
      }),
    },
  ],

  "restarts and switches to disk if it declares it": [
    {
      broken: "cannot restart",
      says: /recorder-refused: restart/,
      change: (driver) => ({
        restart: async (signal) => {
          await driver.restart(signal);
          throw new AgentError("recorder-refused", "restart");
        },
      }),
    },
    {
      broken: "cannot switch",
      says: /recorder-refused: switch/,
      change: (driver) => ({
        switchToDisk: async (signal) => {
          await driver.switchToDisk(signal);
          throw new AgentError("recorder-refused", "switch");
        },
      }),
    },
  ],
};
