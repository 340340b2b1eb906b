import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { AgentStatus } from "../../../agent/control/protocol.ts";
import type { CheckStatus, Finding, Patient } from "../../../agent/doctor/check.ts";
import { CHECKS } from "../../../agent/doctor/checks.ts";
import { examine } from "../../../agent/doctor/examine.ts";
import type { Machine } from "../../../agent/doctor/machine.ts";
import { loadConfig } from "../../../config/load.ts";
import { recordInto, TestDevice } from "../evidence.ts";
import { recorderConfig } from "../recorder-config.ts";
import { temporaryDirectory } from "../surroundings.ts";

/** A machine with nothing plugged in: no USB, no serial lines, no cameras. */
export function bareMachine(t: TestContext): Machine {
  const root = temporaryDirectory(t);
  const at = (name: string) => join(root, name);
  return {
    usb: { devices: at("usb"), nodes: at("nodes") },
    serial: { dev: at("dev"), tty: at("tty") },
    cameras: { video: at("video"), dev: at("dev"), pcm: at("pcm"), cards: at("cards") },
    blocks: at("blocks"),
  };
}

export interface Case {
  dataDir: string;
  configFile: string;
  machine: Machine;
  /** What one check finds now. */
  find: (id: string, more?: Partial<Patient>) => Promise<Finding>;
  status: (id: string, more?: Partial<Patient>) => Promise<CheckStatus>;
  /** Its words and values in one line. */
  seen: (id: string, more?: Partial<Patient>) => Promise<string>;
}

/** A configuration to which the doctor is called, on a machine with nothing plugged in. */
export function caseOf(t: TestContext, configFile: string): Case {
  const machine = bareMachine(t);
  const find = async (id: string, more: Partial<Patient> = {}) => {
    const config = loadConfig(configFile);
    const checks = CHECKS.filter((check) => check.id === id);
    const patient = {
      config,
      configFile,
      live: null,
      silence: null,
      machine,
      full: true,
      answerMs: 200,
      ...more,
    };
    const [found] = await examine(checks, patient, { onFound: () => undefined });
    assert.ok(found !== undefined, id);
    return found.finding;
  };
  return {
    dataDir: loadConfig(configFile).dataDir,
    configFile,
    machine,
    find,
    status: async (id, more) => (await find(id, more)).status,
    seen: async (id, more) => {
      const { seen, values } = await find(id, more);
      return `${seen.en} ${JSON.stringify(values ?? {})}`;
    },
  };
}

/** A recorder with six seconds of footage and no agent running. `more` stands in its configuration. */
export function recorderCase(t: TestContext, more = "", camera?: string): Case {
  const device = new TestDevice(t);
  const evidence = device.start();
  recordInto(evidence, device.clock, 6);
  const { dataDir } = device;
  return caseOf(t, recorderConfig(t, dataDir, { more, ...(camera === undefined ? {} : { camera }) }));
}

/** What a running agent says when all is well. */
export function liveStatus(more: Partial<AgentStatus> = {}): AgentStatus {
  return {
    role: "recorder",
    agent: "0",
    pid: 1,
    started_ms: 0,
    free_bytes: 1,
    alarms: [],
    counters: {},
    ...more,
  };
}
