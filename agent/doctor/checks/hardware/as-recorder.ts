import type { RecorderConfig } from "../../../../config/schema.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { type Finding, type Patient, skipped } from "../../check.ts";

/** Runs for the role that films. */
export async function asRecorder(
  { config }: Patient,
  look: (config: RecorderConfig) => Promise<Finding> | Finding,
): Promise<Finding> {
  return config.role === "recorder" ? await look(config) : skipped(examineWords.notThisRole);
}
