import { test } from "node:test";
import { sha256 } from "../../../../crypto/bytes/digest.ts";
import { OTHER_REC, wiped } from "../../../support/ledger/scenes.ts";
import { verify } from "../../../support/ledger/tampering.ts";
import { expectVerdict } from "./expect.ts";

/** Files removed from recorders: each with proof that it is kept (docs/ledger-format.md, `dock.wipe`). */

test("control: a file that was imported whole and is under a receipt may go", () =>
  expectVerdict(verify(wiped()), "authentic"));

const unproven = (evidence: ReturnType<typeof wiped>) =>
  expectVerdict(verify(evidence), "altered", "wipe-unproven");

test("a file of which one chunk is not under the receipt", () => unproven(wiped({ covered: [[0, 5]] })));

test("a file that was imported after the receipt", () => unproven(wiped({ early: true })));

test("a file that had other bytes when it was removed", () =>
  unproven(wiped({ wipe: { file_digest: sha256("edited").toString("hex") } })));

test("a file that the ledger does not hold", () => unproven(wiped({ wipe: { rec: OTHER_REC } })));

test("a file under a receipt that is not stored", () =>
  unproven(wiped({ wipe: { receipt: "ab".repeat(32) } })));
