import * as v from "valibot";
import { done, parseLine, refusal } from "../../../../../config/orders/lines.ts";
import { FILE_SYSTEMS } from "../card.ts";
import { USB_PORT } from "../disk/usb-disks.ts";

/**
 * What a dock without rights asks the mounting service, and what it answers: one line of JSON each, over a
 * connection of its own. A part is named as the kernel names it, and belongs to the disk at the port.
 */

const place = {
  port: v.pipe(v.string(), v.regex(USB_PORT)),
  n: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99)),
};
const orderSchema = v.variant("do", [
  v.strictObject({
    do: v.literal("mount"),
    ...place,
    part: v.pipe(v.string(), v.regex(/^[a-z0-9]{1,32}$/)),
    fileSystem: v.picklist(FILE_SYSTEMS),
    utcOffsetMin: v.pipe(v.number(), v.integer(), v.minValue(-840), v.maxValue(840)),
    access: v.picklist(["ro", "rw"]),
  }),
  v.strictObject({ do: v.literal("unmount"), ...place, how: v.picklist(["whole", "lazily"]) }),
]);
const answerSchema = v.union([done, refusal]);

export type MountOrder = v.InferOutput<typeof orderSchema>;
export type MountAnswer = v.InferOutput<typeof answerSchema>;

const SERVICE = "mounting service";

/** Throws `bad-request`. */
export function parseOrder(line: string): MountOrder {
  return parseLine(orderSchema, line, "bad-request", SERVICE);
}

/** Throws `bad-answer`. */
export function parseAnswer(line: string): MountAnswer {
  return parseLine(answerSchema, line, "bad-answer", SERVICE);
}
