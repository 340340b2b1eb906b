import * as v from "valibot";
import { AgentError } from "../../../../../config/base/errors.ts";
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
const access = v.picklist(["ro", "rw"]);
const orderSchema = v.variant("do", [
  v.strictObject({
    do: v.literal("mount"),
    ...place,
    part: v.pipe(v.string(), v.regex(/^[a-z0-9]{1,32}$/)),
    fileSystem: v.picklist(FILE_SYSTEMS),
    utcOffsetMin: v.pipe(v.number(), v.integer(), v.minValue(-840), v.maxValue(840)),
    access,
  }),
  v.strictObject({ do: v.literal("remount"), ...place, access }),
  v.strictObject({ do: v.literal("unmount"), ...place, how: v.picklist(["whole", "lazily"]) }),
]);
const answerSchema = v.union([
  v.strictObject({ done: v.literal(true) }),
  v.strictObject({ code: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/)), place: v.string() }),
]);

export type MountOrder = v.InferOutput<typeof orderSchema>;
export type MountAnswer = v.InferOutput<typeof answerSchema>;

/** Throws `bad-request`. */
export function parseOrder(line: string): MountOrder {
  return parsed(orderSchema, line, "bad-request");
}

/** Throws `bad-answer`. */
export function parseAnswer(line: string): MountAnswer {
  return parsed(answerSchema, line, "bad-answer");
}

function parsed<Shape extends v.GenericSchema>(
  shape: Shape,
  line: string,
  code: string,
): v.InferOutput<Shape> {
  try {
    return v.parse(shape, JSON.parse(line));
  } catch (cause) {
    throw new AgentError(code, `mounting service: ${(cause as Error).message}`, { cause });
  }
}
