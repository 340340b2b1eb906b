import { uuid } from "../../config/base/random.ts";
import type { Ledger } from "../../crypto/ledger/ledger.ts";
import type { ControlHandlers } from "../control/protocol.ts";
import type { Surroundings } from "../surroundings.ts";

/** Activities: the text half of the record. */
export function activityHandlers(ledger: Ledger, { random }: Surroundings): ControlHandlers {
  return {
    "activity.open": async (own) => {
      const activity = uuid(random);
      await ledger.append({ type: "activity.open", activity, ...own });
      return { activity };
    },
    "activity.note": ({ activity, text }) => ledger.append({ type: "activity.note", activity, text }),
    "activity.close": ({ activity, outcome }) => ledger.append({ type: "activity.close", activity, outcome }),
  };
}
