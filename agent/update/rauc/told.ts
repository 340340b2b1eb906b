import * as v from "valibot";
import { AgentError } from "../../../config/base/errors.ts";
import { isVersion } from "../rules/version.ts";

/** What RAUC says, as `--output-format=json` of rauc(1) 1.8 prints it: bounded, and nothing believed that is not read here. */

export interface Bundle {
  compatible: string;
  version: string;
  /** Once it runs well, nothing older may follow it. */
  minimumVersion: string;
}

export type SlotName = "A" | "B";

export interface Slot {
  name: SlotName;
  booted: boolean;
  /** The boot loader has tries left for it. */
  good: boolean;
  /** What RAUC has written into it; null: it came with the card. */
  holds: Bundle | null;
}

const text = v.pipe(v.string(), v.maxLength(256));
const version = v.pipe(text, v.check(isVersion, "no version such as 1.2.3"));
/** RAUC 1.8 tells no section of a manifest's own: what is ours stands in its description. */
const DESCRIPTION = /^minimum-version=(\S{1,32})$/;

const bundleShape = v.pipe(
  v.object({ compatible: text, version, description: v.nullish(text) }),
  v.transform(({ compatible, version, description }): Bundle => {
    const [, minimum] = DESCRIPTION.exec(description ?? "") ?? [];
    return { compatible, version, minimumVersion: minimum ?? version };
  }),
  v.check(({ minimumVersion }) => isVersion(minimumVersion), "no minimum version"),
);

const slotShape = v.object({
  bootname: v.picklist(["A", "B"]),
  state: text,
  boot_status: v.nullish(text),
  slot_status: v.optional(v.object({ bundle: v.optional(v.unknown()) })),
});
const statusShape = v.object({
  compatible: text,
  slots: v.pipe(v.array(v.record(v.string(), slotShape)), v.maxLength(8)),
});

/** Throws `bundle-damaged` when it is no manifest of ours. */
export function readBundle(json: string): Bundle {
  return read(bundleShape, json, "bundle-damaged");
}

export interface UpdateStatus {
  compatible: string;
  slots: Slot[];
}

/** Throws `rauc-failed` when it is not what RAUC 1.8 says. */
export function readStatus(json: string): UpdateStatus {
  const { compatible, slots } = read(statusShape, json, "rauc-failed");
  return {
    compatible,
    slots: slots
      .flatMap((named) => Object.values(named))
      .map(({ bootname, state, boot_status, slot_status }) => {
        const held = v.safeParse(bundleShape, slot_status?.bundle);
        return {
          name: bootname,
          booted: state === "booted",
          good: boot_status === "good",
          holds: held.success ? held.output : null,
        };
      }),
  };
}

function read<Shape extends v.GenericSchema>(shape: Shape, json: string, code: string): v.InferOutput<Shape> {
  try {
    return v.parse(shape, JSON.parse(json));
  } catch (cause) {
    throw new AgentError(code, `rauc: ${(cause as Error).message}`, { cause });
  }
}
