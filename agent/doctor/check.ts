import type { Config } from "../../config/schema.ts";
import { examineWords } from "../cli/text/doctor/examine.ts";
import { errorText } from "../cli/text/errors.ts";
import type { Phrase, Values } from "../cli/text/phrase.ts";
import type { AgentStatus } from "../control/protocol.ts";
import type { Machine } from "./machine.ts";

/** `fail`: evidence is at risk. `warn`: it will be, or something is missing that it does not hang on. */
export type CheckStatus = "ok" | "warn" | "fail" | "skipped";

/** What was seen, in words. */
export interface Finding {
  status: CheckStatus;
  seen: Phrase;
  values?: Values;
  /** In place of the check's own next step. */
  next?: Phrase;
}

/** What every check is given. */
export interface Patient {
  config: Config;
  /** The file that it was read from. */
  configFile: string;
  /** What the running agent says; null: it says nothing. */
  live: AgentStatus | null;
  /** Why a running agent does not answer; null: it does, or none runs. */
  silence: string | null;
  machine: Machine;
  /** Read everything, where a sample would do. */
  full: boolean;
  /** So long the receiver may take for its answer. */
  answerMs: number;
}

export interface Check {
  id: string;
  name: Phrase;
  /** Why evidence hangs on it. */
  why: Phrase;
  /** What to do where it is not well. */
  next: Phrase;
  /** Longest time that it may take. */
  limitMs: number;
  /** Throws a coded error where the answer is no: it counts as `fail`. */
  run(patient: Patient, signal: AbortSignal): Promise<Finding> | Finding;
}

/** True where an agent runs, or may run: what it has open is not to be opened beside it. */
export function hasAgent({ live, silence }: Pick<Patient, "live" | "silence">): boolean {
  return live !== null || silence !== null;
}

export function ok(seen: Phrase, values?: Values): Finding {
  return finding("ok", seen, values);
}

export function warn(seen: Phrase, values?: Values): Finding {
  return finding("warn", seen, values);
}

export function fail(seen: Phrase, values?: Values): Finding {
  return finding("fail", seen, values);
}

/** A coded error: what to do is what its code says, in both languages, or `next` where it says nothing. */
export function failedBy({ code, place }: { code: string; place: string }, next?: string): Finding {
  const found = fail(examineWords.threw, { code, place });
  const step = errorText(code)?.next ?? (next === undefined ? undefined : { en: next, zh: next });
  return step === undefined ? found : { ...found, next: step };
}

/** There is nothing to check here, and why. */
export function skipped(seen: Phrase, values?: Values): Finding {
  return finding("skipped", seen, values);
}

function finding(status: CheckStatus, seen: Phrase, values: Values | undefined): Finding {
  return { status, seen, ...(values === undefined ? {} : { values }) };
}
