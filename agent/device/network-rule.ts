import type { RecorderConfig } from "../../config/schema.ts";
import { canonicalAddress } from "../../sync/device/policy/route.ts";
import { MINUTES_A_DAY, type NetworkRule } from "../../sync/device/policy/rules.ts";

type Network = NonNullable<RecorderConfig["sync"]>["network"][number];

/** A network as the configuration tells it; a window that ends where it begins lasts the whole day. */
export function networkRule({ hours, gateway, ...network }: Network): NetworkRule {
  return {
    ...network,
    ...(gateway === undefined ? {} : { gateway: canonicalAddress(gateway) }),
    hours: hours.map(windowOf),
  };
}

function windowOf(text: string): [number, number] {
  const [from = 0, to = 0] = text.split("-").map((time) => {
    const [hours = 0, minutes = 0] = time.split(":").map(Number);
    return hours * 60 + minutes;
  });
  return from === to ? [0, MINUTES_A_DAY] : [from, to];
}
