import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { consequences, Findings, VERDICTS, worse } from "../../../crypto/proof/verdict.ts";
import { REPOSITORY } from "../../support/repository.ts";

test("of two verdicts the worse one counts, and the list is in order", () => {
  for (const [i, better] of VERDICTS.entries()) {
    for (const other of VERDICTS.slice(i)) {
      assert.equal(worse(better, other), other);
      assert.equal(worse(other, better), other);
    }
  }
});

test("findings: a thousand are listed, all count", () => {
  const findings = new Findings();
  assert.equal(findings.worst, "authentic");
  for (let seq = 0; seq < 1000; seq++) findings.add({ code: "media-missing", seq, detail: "" });
  assert.equal(findings.worst, "incomplete");
  findings.add({ code: "bad-signature", seq: 1000, detail: "" });
  assert.deepEqual([findings.listed.length, findings.unlisted, findings.worst], [1000, 1, "altered"]);
});

test("docs/verification.md explains every code, with its verdict, and no other", () => {
  const page = readFileSync(join(REPOSITORY, "docs", "verification.md"), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| ([a-z]+) \| .+ \|$/gm)].map(([, code, verdict]) => [
    code,
    verdict,
  ]);
  assert.deepEqual(rows, consequences());
});
