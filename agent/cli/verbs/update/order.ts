import { statSync } from "node:fs";
import type { Clock } from "../../../../config/base/clock.ts";
import { readKeyFile } from "../../../../crypto/keys/key-file.ts";
import { formatVkey, PLAIN_NOTE, verifierKey } from "../../../../crypto/keys/vkey.ts";
import { orderClaims, signOrder } from "../../../../crypto/proof/update-order.ts";
import { digestOf } from "../../../update/orders/staged-bundle.ts";
import { checkPayload, claimedVersion } from "../../../update/rauc/payload.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { updateWords as say } from "../../text/update/words.ts";

export interface OrderOptions {
  key: string;
  name: string;
  device?: string;
  days: number;
}

const DAY_MS = 86_400_000;

/** In an office: prints the order for a bundle, which is one line of JSON; on stderr, the key that units must have. */
export async function order(
  face: Face,
  bundle: string,
  { key: keyFile, name, device = "*", days }: OrderOptions,
  clock: Clock,
): Promise<ExitCode> {
  checkPayload(bundle);
  const key = readKeyFile(keyFile);
  const fromMs = clock.utcMs();
  const envelope = signOrder(
    {
      dev: device,
      digest: await digestOf(bundle),
      bytes: statSync(bundle).size,
      version: claimedVersion(bundle),
      fromMs,
      untilMs: fromMs + days * DAY_MS,
    },
    key,
  );
  key.destroy();
  // what a unit would refuse is not handed out
  orderClaims(envelope);
  const vkey = formatVkey(verifierKey(name, PLAIN_NOTE, key.publicKey));
  face.tell(face.say(say.orderKey, { vkey }));
  face.print(envelope);
  return 0;
}
