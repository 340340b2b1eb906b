import { accountNumber, groupNumber } from "../../../../config/base/accounts.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import { type Adoption, adopt, type Owner } from "../../../flash/personal/adopt.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { flashWords } from "../../text/flash/words.ts";

export interface AdoptOptions {
  etc: string;
  account: string;
  json?: boolean;
}

/** What a unit does at its start, before its agent. */
export async function adoptCard(face: Face, region: string, options: AdoptOptions): Promise<ExitCode> {
  const owner = ownerNamed(options.account);
  const { outcome, request } = adopt({ region, etc: options.etc, owner, random: systemRandom });
  if (options.json === true) {
    face.printJson({ outcome, request: request === null ? null : JSON.parse(request) });
    return 0;
  }
  face.print(face.say(outcomeTexts[outcome]));
  if (request === null) face.print(face.say(flashWords.noRequest));
  else face.print(face.say(flashWords.requestBelow), request.trimEnd());
  return 0;
}

const outcomeTexts = {
  adopted: flashWords.adopted,
  wiped: flashWords.wiped,
  nothing: flashWords.nothing,
} satisfies Record<Adoption["outcome"], object>;

/** Only root can give files away. */
function ownerNamed(name: string): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const account = accountNumber(name);
  const group = groupNumber(name);
  if (account === null || group === null) throw new AgentError("account-unknown", name);
  return { account, group };
}
