import type { TestEnd } from "./guest-link.ts";

/** What is wrong with how a test file ended; none when all is well. In the lab nothing may be skipped. */
export function faultsOf({ code, tally }: TestEnd): string[] {
  if (tally === null) return ["the runner died before it could count"];
  const found: string[] = [];
  if (tally.ran === 0) found.push("no test ran");
  if (tally.failed > 0) found.push(`${tally.failed} failed`);
  const left = [...tally.skipped.map(({ name }) => name), ...tally.todo];
  if (left.length > 0) found.push(`not run: ${left.join(", ")}`);
  if (code !== 0 && found.length === 0) found.push(`the runner ended with ${code}`);
  return found;
}
