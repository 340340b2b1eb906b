/**
 * What is wrong with a run that ended with `exitCode` and `tally` (null when the run wrote none):
 * one line each, none when all is well. Node alone calls a run without tests, or with all of them
 * skipped, a success.
 */
export function complaints(exitCode, tally) {
  if (tally === null) return ["the runner died before it could count"];
  const found = [];
  if (tally.ran === 0) found.push("no test ran");
  if (tally.failed > 0) found.push(`${tally.failed} failed`);
  for (const file of tally.empty) found.push(`${file} holds no test`);
  for (const { name, reason } of tally.skipped) {
    if (reason === undefined) found.push(`skipped without a reason: ${name}`);
  }
  for (const name of tally.todo) found.push(`left to do: ${name}`);
  if (exitCode !== 0 && found.length === 0) found.push(`the runner ended with ${exitCode}`);
  return found;
}
