export const ENTRY_TYPE = "application/vnd.fulltrace.entry.v1+json";
export const RECEIPT_TYPE = "application/vnd.fulltrace.receipt.v1+json";

/** DSSE v1 pre-authentication encoding: what is signed for `body` of media type `type` (ledger-format §4). */
export function preAuthEncoding(type: string, body: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `;
  const encoded = Buffer.allocUnsafe(head.length + body.length);
  encoded.write(head, "latin1");
  encoded.set(body, head.length);
  return encoded;
}
