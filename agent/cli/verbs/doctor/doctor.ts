import { systemClock } from "../../../../config/base/clock.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { loadConfig } from "../../../../config/load.ts";
import type { Config } from "../../../../config/schema.ts";
import { type AgentAnswer, askAgent, NOBODY } from "../../../doctor/ask-agent.ts";
import { packBundle } from "../../../doctor/bundle/support-bundle.ts";
import { type Check, fail } from "../../../doctor/check.ts";
import { CHECKS } from "../../../doctor/checks.ts";
import { type Examined, examine, isAtRisk, unexamined } from "../../../doctor/examine.ts";
import { THIS_MACHINE } from "../../../doctor/machine.ts";
import { repair } from "../../../doctor/repairs.ts";
import type { Colour, Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { bytesText } from "../../face/units.ts";
import { clip, harmless } from "../../face/width.ts";
import { doctorWords as words } from "../../text/doctor/doctor.ts";
import { examineWords } from "../../text/doctor/examine.ts";

export interface DoctorOptions {
  config: string;
  full?: boolean;
  fix?: boolean;
  bundle?: string;
  json?: boolean;
}

/** A line of an 80-column terminal, without the last column, at which some terminals wrap. */
const PROGRESS_COLUMNS = 79;
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
  const asked = config === null ? NOBODY : await askAgent(config.dataDir, systemClock);
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

async function look(
  face: Face,
  options: DoctorOptions,
  config: Config,
  asked: AgentAnswer,
): Promise<Examined[]> {
  const patient = {
    config,
    configFile: options.config,
    ...asked,
    machine: THIS_MACHINE,
    full: options.full === true,
    answerMs: ANSWER_MS,
  };
  return await examine(CHECKS, patient, {
    onFound: (one) => {
      if (options.json !== true) face.print(...lines(face, one));
    },
    onWaiting: (waiting) => face.progress(waitingLine(face, waiting)),
  });
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

/** Which checks are not over yet, on one line of a narrow terminal. */
function waitingLine(face: Face, waiting: readonly Check[]): string {
  if (waiting.length === 0) return "";
  const names = waiting.map(({ name }) => face.say(name)).join(", ");
  return clip(face.say(words.waiting, { names }), PROGRESS_COLUMNS);
}

/** One line where all is well; what to do below it where not. */
function lines(face: Face, examined: Examined): string[] {
  const { name, status, seen, why, next } = told(face, examined);
  const mark = face.paint(COLOURS[status] ?? "dim", `[${face.say(words[status])}]`);
  const line = `${mark} ${face.say(words.line, { name, seen: harmless(seen) })}`;
  if (next === "") return [line];
  return [
    line,
    `       ${face.say(words.why, { text: why })}`,
    `       ${face.say(words.next, { text: harmless(next) })}`,
  ];
}

function summary(face: Face, found: readonly Examined[]): string {
  const count = (status: string) => found.filter(({ finding }) => finding.status === status).length;
  const values = { ok: count("ok"), warn: count("warn"), fail: count("fail"), skipped: count("skipped") };
  return isAtRisk(found)
    ? face.paint("red", face.say(words.atRisk, values))
    : face.paint("green", face.say(words.safe, values));
}
