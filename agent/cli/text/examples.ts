import { activityExamples } from "./examples/activity.ts";
import { probeExamples } from "./examples/probes.ts";

/** Examples by the words of their command, such as `activity open`; part by part, as the commands are. */
const examples: Readonly<Record<string, readonly string[]>> = {
  ...activityExamples,
  ...probeExamples,
};

/** Command lines that show how a command is used; none: it has no examples. */
export function examplesOf(command: string): readonly string[] {
  return examples[command] ?? [];
}
