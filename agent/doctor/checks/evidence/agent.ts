import { evidenceWords as words } from "../../../cli/text/doctor/evidence.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { type Check, fail, ok, skipped, warn } from "../../check.ts";

const LIMIT_MS = 5_000;

const agent: Check = {
  id: "agent",
  name: words.agent,
  why: words.agentWhy,
  next: words.agentNext,
  limitMs: LIMIT_MS,
  run({ live, silence }) {
    if (silence !== null)
      return { ...fail(words.agentSilent, { code: silence }), next: words.agentSilentNext };
    if (live === null) return warn(examineWords.noAgent);
    return ok(words.agentSeen, { pid: live.pid, version: live.agent });
  },
};

const alarms: Check = {
  id: "alarms",
  name: words.alarms,
  why: words.alarmsWhy,
  next: words.alarmsNext,
  limitMs: LIMIT_MS,
  run({ live }) {
    if (live === null) return skipped(examineWords.noAgent);
    if (live.alarms.length === 0) return ok(words.alarmsNone);
    return fail(words.alarmsSeen, { codes: live.alarms.map(({ code }) => code).join(", ") });
  },
};

export const AGENT_CHECKS: readonly Check[] = [agent, alarms];
