import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import { loadConfig } from "../../../../config/load.ts";
import type { Config } from "../../../../config/schema.ts";
import { callAgent } from "../../../control/client.ts";
import type { AgentStatus } from "../../../control/protocol.ts";
import { packBundle } from "../../../doctor/bundle/support-bundle.ts";
import { fail } from "../../../doctor/check.ts";
import { CHECKS } from "../../../doctor/checks.ts";
import { type Examined, examine, isAtRisk, unexamined } from "../../../doctor/examine.ts";
import { THIS_MACHINE } from "../../../doctor/machine.ts";
import { repair } from "../../../doctor/repairs.ts";
import type { Colour, Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { bytesText } from "../../face/units.ts";
import { harmless } from "../../face/width.ts";
import { doctorWords as words } from "../../text/doctor/doctor.ts";
import { examineWords } from "../../text/doctor/examine.ts";

export interface DoctorOptions {
  config: string;
  full?: boolean;
  fix?: boolean;
  bundle?: string;
  json?: boolean;
}

const ASK_MS = 5_000;
const ANSWER_MS = 10_000;
const COLOURS: Readonly<Record<string, Colour>> = {
  ok: "green",
  warn: "yellow",
  fail: "red",
  skipped: "dim",
};

/** Checks everything that evidence hangs on; exit 1 when it is at risk. */
export async function doctor(face: Face, options: DoctorOptions): Promise<ExitCode> {
  const loaded = tryLoad(face, options.config);
  const config = "config" in loaded ? loaded.config : null;
  if (options.fix === true && config !== null) tellRepairs(face, config);
  const asked = config === null ? { live: null, silence: null } : await ask(config);
  const found =
    "config" in loaded
      ? await look(face, options, loaded.config, asked)
      : withoutConfig(face, options, loaded.error);
  const answer = { checks: found.map((one) => told(face, one)), at_risk: isAtRisk(found) };
  if (options.json === true) face.printJson(answer);
  else face.print("", summary(face, found));
  if (options.bundle !== undefined) {
    const bytes = await packBundle(options.bundle, { found, config, live: asked.live });
    face.tell(face.say(words.bundled, { file: options.bundle, bytes: bytesText(bytes) }));
  }
  return answer.at_risk ? 1 : 0;
}

/** A file that is not there is misuse; one that cannot be used is what the doctor is asked about. */
function tryLoad(face: Face, file: string): { config: Config } | { error: AgentError } {
  try {
    const config = loadConfig(file);
    face.speak(config.lang);
    return { config };
  } catch (error) {
    if (!(error instanceof AgentError) || error.code === "config-missing") throw error;
    return { error };
  }
}

async function look(face: Face, options: DoctorOptions, config: Config, asked: Asked): Promise<Examined[]> {
  const patient = {
    config,
    configFile: options.config,
    ...asked,
    machine: THIS_MACHINE,
    full: options.full === true,
    answerMs: ANSWER_MS,
  };
  return await examine(CHECKS, patient, (one) => {
    if (options.json !== true) face.print(...lines(face, one));
  });
}

interface Asked {
  live: AgentStatus | null;
  silence: string | null;
}

async function ask({ dataDir }: Config): Promise<Asked> {
  try {
    return { live: await callAgent(dataDir, "status", {}, { timeoutMs: ASK_MS }), silence: null };
  } catch (error) {
    const code = errorCode(error);
    return { live: null, silence: code === "agent-not-running" ? null : code };
  }
}

function withoutConfig(face: Face, { json }: DoctorOptions, { code, place }: AgentError): Examined[] {
  const found = unexamined(CHECKS).map(({ check, finding }) => ({
    check,
    finding: check.id === "config" ? fail(examineWords.threw, { code, place }) : finding,
  }));
  if (json !== true) face.print(...found.flatMap((one) => lines(face, one)));
  return found;
}

function tellRepairs(face: Face, config: Config): void {
  const repairs = repair(config);
  if (repairs.length === 0) face.tell(face.say(words.nothingRepaired));
  for (const { did, values } of repairs) face.tell(face.say(words.repaired, { what: face.say(did, values) }));
}

function told(face: Face, { check, finding }: Examined) {
  const needsHelp = finding.status === "warn" || finding.status === "fail";
  return {
    id: check.id,
    name: face.say(check.name),
    status: finding.status,
    seen: face.say(finding.seen, finding.values),
    why: face.say(check.why),
    next: needsHelp ? face.say(finding.next ?? check.next, finding.values) : "",
  };
}

/** One line where all is well; what to do below it where not. */
function lines(face: Face, examined: Examined): string[] {
  const { name, status, seen, why, next } = told(face, examined);
  const mark = face.paint(COLOURS[status] ?? "dim", `[${face.say(words[status])}]`);
  const line = `${mark} ${face.say(words.line, { name, seen: harmless(seen) })}`;
  if (next === "") return [line];
  return [line, `       ${face.say(words.why)}: ${why}`, `       ${face.say(words.next)}: ${harmless(next)}`];
}

function summary(face: Face, found: readonly Examined[]): string {
  const count = (status: string) => found.filter(({ finding }) => finding.status === status).length;
  const values = { ok: count("ok"), warn: count("warn"), fail: count("fail"), skipped: count("skipped") };
  return isAtRisk(found)
    ? face.paint("red", face.say(words.atRisk, values))
    : face.paint("green", face.say(words.safe, values));
}
