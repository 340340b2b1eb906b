import { dockExamples } from "./examples/dock.ts";
import { evidenceExamples } from "./examples/evidence.ts";
import { flashExamples } from "./examples/flash.ts";
import { ledgerExamples } from "./examples/ledger.ts";
import { liveExamples } from "./examples/live.ts";
import { probeExamples } from "./examples/probes.ts";
import { activityExamples } from "./examples/records/activity.ts";
import { checkExamples } from "./examples/records/check.ts";
import { gapExamples } from "./examples/records/gap.ts";
import { reportExamples } from "./examples/records/report.ts";
import { shareExamples } from "./examples/records/share.ts";
import { templateExamples } from "./examples/records/template.ts";
import { shellExamples } from "./examples/shell.ts";
import { simulateExamples } from "./examples/simulate.ts";
import { updateExamples } from "./examples/update.ts";
import { uploadExamples } from "./examples/uploads.ts";

/** Examples by the words of their command, such as `activity open`; part by part, as the commands are. */
const examples: Readonly<Record<string, readonly string[]>> = {
  ...liveExamples,
  ...activityExamples,
  ...dockExamples,
  ...evidenceExamples,
  ...simulateExamples,
  ...shellExamples,
  ...shareExamples,
  ...templateExamples,
  ...ledgerExamples,
  ...checkExamples,
  ...gapExamples,
  ...uploadExamples,
  ...reportExamples,
  ...probeExamples,
  ...flashExamples,
  ...updateExamples,
};

/** Command lines that show how a command is used. */
export function examplesOf(command: string): readonly string[] {
  return examples[command] ?? [];
}
