import assert from "node:assert/strict";
import type { VerifyReport } from "../../../../crypto/ledger/verify/report.ts";
import type { Verdict } from "../../../../crypto/proof/verdict.ts";

/** The verdict, and the code and seq of at least one finding; without a code, no finding at all. */
export async function expectVerdict(
  reporting: VerifyReport | Promise<VerifyReport>,
  verdict: Verdict,
  code?: string,
  seq?: number,
): Promise<void> {
  const report = await reporting;
  const found = report.problems
    .map((problem) => `${problem.code} ${problem.seq ?? ""} ${problem.detail}`)
    .join("\n");
  assert.equal(report.verdict, verdict, found);
  if (code === undefined) {
    assert.deepEqual(report.problems, []);
    return;
  }
  const match = report.problems.find(
    (problem) => problem.code === code && (seq === undefined || problem.seq === seq),
  );
  assert.ok(match, `no ${code}${seq === undefined ? "" : ` at seq ${seq}`} among:\n${found}`);
}
