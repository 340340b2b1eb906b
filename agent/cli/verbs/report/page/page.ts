import type { Report } from "../../../../records/reports/report-types.ts";
import type { Lang } from "../../../text/phrase.ts";

export function page(_report: Report, _lang: Lang): string {
  return "";
}
