import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import { readTrust } from "../../../../../crypto/proof/trust.ts";
import { readDraw } from "../../../../records/inspections/inspection-record.ts";
import { verifyDraw } from "../../../../records/inspections/verify-draw.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { momentText } from "../../../face/units.ts";
import { faultWords, checkWords as say } from "../../../text/records/check.ts";
import { dataDirOf, type Target } from "../../target.ts";

export type VerifyOptions = Target & { trust: string; json?: boolean };

/** Draws again and compares; exit 1 where the draw does not hold. */
export async function verify(face: Face, start: string, options: VerifyOptions): Promise<ExitCode> {
  const { json, trust, ...target } = options;
  const { witnesses } = readTrust(trust);
  const { draw, verdict } = await visitLedger(await dataDirOf(face, target), (reader) => {
    const { draw: found } = readDraw(reader, start);
    return { draw: found, verdict: verifyDraw(reader, witnesses, found) };
  });
  const { faults, seedMs, list, repeats } = verdict;
  if (json === true)
    face.printJson({
      draw: draw.draw,
      holds: faults.length === 0,
      faults,
      ...(seedMs === null ? {} : { seed_ms: seedMs }),
      candidates: list.candidates.length,
      sample: list.sample,
      repeats,
    });
  else {
    const { length: drawn } = list.sample;
    const { length: candidates } = list.candidates;
    face.print(
      ...(faults.length === 0
        ? [face.paint("green", face.say(say.same, { drawn, candidates }))]
        : [
            face.paint("red", face.say(say.differs)),
            ...faults.map((fault) => `  ${face.say(faultWords[fault])}`),
          ]),
      ...(seedMs === null ? [] : [face.say(say.seedAt, { time: momentText(seedMs) })]),
      ...(repeats.length === 0 ? [] : [face.say(say.repeated, { repeats: repeats.join(", ") })]),
    );
  }
  return faults.length === 0 ? 0 : 1;
}
