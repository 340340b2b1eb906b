import { errorCode } from "../../../../config/base/errors.ts";
import { sha256 } from "../../../bytes/digest.ts";
import { type OpenedReceipt, openReceipt } from "../../../proof/receipt.ts";
import { problemOf } from "../../../proof/verdict.ts";
import { remember, type VerifyContext } from "../context.ts";

/**
 * Reads every stored receipt: those of pinned custody keys must hold, those of strangers are reported
 * and ignored (ledger-format §7, §10). Their roots are compared later, as the tree grows.
 * Answers the largest one within the ledger, or null.
 */
export function readReceipts(context: VerifyContext, dev: string, ledgerSize: number): OpenedReceipt | null {
  const { ledger, scratch, findings } = context;
  let largest: OpenedReceipt | null = null;
  for (const { digest, envelope } of ledger.receipts()) {
    if (!sha256(envelope).equals(digest)) {
      findings.add({
        code: "bad-receipt",
        detail: `the receipt stored as ${digest.toString("hex")} has another digest`,
      });
    }
    const receipt = open(context, envelope, dev);
    scratch.addReceipt(digest, envelope, receipt);
    if (receipt === null) continue;
    vouch(context, receipt);
    if (receipt.size <= ledgerSize && receipt.size > (largest?.size ?? -1)) largest = receipt;
  }
  return largest;
}

/** Null for what does not count: a stranger's, a bad one, or one for another device. */
function open(
  { trust, findings, notes }: VerifyContext,
  envelope: string,
  dev: string,
): OpenedReceipt | null {
  try {
    const receipt = openReceipt(envelope, trust.custody);
    if (receipt.dev === dev) return receipt;
    findings.add({
      code: "receipt-mismatch",
      detail: `a receipt of ${receipt.receiver} is for ${receipt.dev}`,
    });
  } catch (error) {
    if (errorCode(error) === "unknown-custody-key") {
      remember(notes.strangers.custody, (error as Error).message.replace(/^unknown-custody-key: /, ""));
    } else {
      findings.add(problemOf(error, "bad-receipt"));
    }
  }
  return null;
}

function vouch({ notes }: VerifyContext, { receiver, size, storedMs }: OpenedReceipt): void {
  const known = notes.receivers.find((other) => other.receiver === receiver);
  if (known === undefined) {
    notes.receivers.push({ receiver, receipts: 1, size, stored_ms: storedMs });
    return;
  }
  known.receipts++;
  if (size > known.size) Object.assign(known, { size, stored_ms: storedMs });
}
