import type { ShareConfig } from "../../../../config/schema.ts";
import type { SharedField } from "../../../../config/tables/share.ts";

export type SharedValue = string | number | boolean | readonly string[];
/** What is told of one thing, by our names. */
export type Shared = Partial<Record<SharedField, SharedValue>>;
/** The same by the platform's names. */
export type Mapped = Record<string, SharedValue>;

/** How our fields are told to a platform: names, codes, constants, and what is none of its business. */
export interface Mapping {
  map: (own: Shared) => Mapped;
  /** Nothing is left out: signed bytes, which hold all fields, may be told too. */
  isWhole: boolean;
  /** Whether activities of this kind, in the ledger of this device, are told at all. */
  tells: (kind: string, dev: string) => boolean;
  /** The platform's code of the unit that the device belongs to; null: none is configured. */
  unitOf: (dev: string) => string | null;
  /** Where a file can be fetched; null: nothing is configured. */
  fetchOf: (of: { dev: string; activity: string; digest: string }) => string | null;
  /** All of the settings that decide what is told of this device's ledger: where they are the same, so is that. */
  settingsFor: (dev: string) => object;
}

type MappingConfig = Omit<ShareConfig, "broker" | "prefix">;

/** Our own names, and everything is told. */
const PLAIN: MappingConfig = {
  times: "ms",
  onlyListedKinds: false,
  onlyListedUnits: false,
  leaveOut: [],
  fields: [],
  kinds: [],
  units: [],
  constants: [],
};

/** A clock's claim that no calendar reaches stays a number: one such entry must not keep its ledger from being told. */
function rfc3339(ms: number): string | number {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? ms : date.toISOString();
}

export function mappingOf(config: MappingConfig = PLAIN): Mapping {
  const names = new Map(config.fields.map(({ from, to }) => [from, to]));
  const kinds = new Map(config.kinds.map(({ from, to }) => [from, to]));
  const units = new Map(config.units.map(({ from, to }) => [from, to]));
  const leftOut = new Set<string>(config.leaveOut);
  const constants = Object.fromEntries(config.constants.map(({ from, to }) => [from, to]));
  const told = (field: string, value: SharedValue): SharedValue => {
    if (field === "kind") return kinds.get(value as string) ?? value;
    const isTime = field.endsWith("_ms") && field !== "duration_ms";
    return isTime && config.times === "rfc3339" ? rfc3339(value as number) : value;
  };
  return {
    map: (own) => ({
      ...Object.fromEntries(
        Object.entries(own)
          .filter(([field]) => !leftOut.has(field))
          .map(([field, value]) => [names.get(field) ?? field, told(field, value)]),
      ),
      ...constants,
    }),
    isWhole: leftOut.size === 0,
    tells: (kind, dev) =>
      (!config.onlyListedKinds || kinds.has(kind)) && (!config.onlyListedUnits || units.has(dev)),
    unitOf: (dev) => units.get(dev) ?? null,
    fetchOf: ({ dev, activity, digest }) =>
      config.fetch
        ?.replaceAll("{dev}", dev)
        .replaceAll("{activity}", activity)
        .replaceAll("{digest}", digest) ?? null,
    // named one by one: how the platform's broker is reached changes nothing of what it is told
    settingsFor: (dev) => ({
      times: config.times,
      onlyListedKinds: config.onlyListedKinds,
      onlyListedUnits: config.onlyListedUnits,
      fetch: config.fetch ?? null,
      leaveOut: [...leftOut].sort(),
      fields: Object.fromEntries(names),
      kinds: Object.fromEntries(kinds),
      units: { [dev]: units.get(dev) ?? null },
      constants,
    }),
  };
}
