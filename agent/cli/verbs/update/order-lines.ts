import type { ToldOrder } from "../../../control/methods/update-methods.ts";
import type { Face } from "../../face/face.ts";
import { momentText } from "../../face/units.ts";
import { updateWords as say } from "../../text/update/words.ts";

/** One line for each order that waits. */
export function orderLines(face: Face, orders: readonly ToldOrder[]): string[] {
  return orders.map(({ version, until_ms, staged }) =>
    face.say(staged ? say.orderStaged : say.orderWaits, { version, until: momentText(until_ms) }),
  );
}
