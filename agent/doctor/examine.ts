import { AgentError, errorCode } from "../../config/base/errors.ts";
import { examineWords as words } from "../cli/text/doctor/examine.ts";
import { type Check, type Finding, fail, failedBy, type Patient, skipped } from "./check.ts";

export interface Examined {
  check: Check;
  finding: Finding;
}

export interface ExaminationListener {
  /** Called with each in the order of the list, once it and all before it have ended. */
  onFound(found: Examined): void;
  /** Called with those that have not ended yet, whenever one has. */
  onWaiting?(waiting: readonly Check[]): void;
}

/**
 * Runs all checks side by side, each within its own time. What throws or takes too long is a finding like any other.
 */
export async function examine(
  checks: readonly Check[],
  patient: Patient,
  { onFound, onWaiting = () => undefined }: ExaminationListener,
): Promise<Examined[]> {
  const waiting = new Set(checks);
  const running = checks.map(async (check) => {
    const finding = await findingOf(check, patient);
    waiting.delete(check);
    onWaiting([...waiting]);
    return { check, finding };
  });
  const found: Examined[] = [];
  for (const one of running) {
    const ended = await one;
    onFound(ended);
    found.push(ended);
  }
  return found;
}

/** All checks as not made, because the configuration cannot be used. */
export function unexamined(checks: readonly Check[]): Examined[] {
  return checks.map((check) => ({ check, finding: skipped(words.noConfig) }));
}

export function isAtRisk(found: readonly Examined[]): boolean {
  return found.some(({ finding }) => finding.status === "fail");
}

async function findingOf(check: Check, patient: Patient): Promise<Finding> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => {
      limit.abort(new DOMException("too late", "TimeoutError"));
      resolve(fail(words.late, { seconds: Math.ceil(check.limitMs / 1000) }));
    }, check.limitMs);
  });
  try {
    const run = Promise.resolve().then(() => check.run(patient, limit.signal));
    return await Promise.race([run.catch(failure), late]);
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

function failure(error: unknown): Finding {
  // what this account may not read is no risk of the evidence
  if (errorCode(error) === "ledger-forbidden") return skipped(words.notAllowed);
  const place = error instanceof AgentError ? error.place : error instanceof Error ? error.message : "";
  const next = error instanceof AgentError ? error.next : undefined;
  return failedBy({ code: errorCode(error), place }, next);
}
