import type { Preference } from "../outbox/wanted.ts";

/** Which media may go over a network; entries always may. */
export type MediaScope = "none" | "marked" | "linked" | "all";

/** What may go over one kind of network, and how much. */
export interface NetworkRule {
  name: string;
  /** Of the interface, with `*` and `?`; absent: any. */
  interface?: string;
  /** Its router; absent: any. */
  gateway?: string;
  media: MediaScope;
  /** Of media; 0: no limit. */
  rateBytesS: number;
  /** Of media on one local day; 0: no limit. */
  dailyBytes: number;
  /** Local times of day when media may go, `[from, to)` in minutes, over midnight too; none: at any time. */
  hours: readonly (readonly [number, number])[];
}

/** The way that packets to the broker take. */
export interface Route {
  interface: string;
  gateway: string | null;
}

/** Where the configuration names no network, everything goes. */
export const ANY_NETWORK: NetworkRule = {
  name: "any",
  media: "all",
  rateBytesS: 0,
  dailyBytes: 0,
  hours: [],
};

/** The first rule that knows the route; null route: none is known, and only rules that ask for nothing do. */
export function ruleFor(rules: readonly NetworkRule[], route: Route | null): NetworkRule {
  return (
    rules.find(
      (rule) =>
        (rule.interface === undefined || (route !== null && matches(rule.interface, route.interface))) &&
        (rule.gateway === undefined || rule.gateway === route?.gateway),
    ) ?? ANY_NETWORK
  );
}

function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`).test(name);
}

/** The preferences whose media a scope lets through. What a person ordered first goes wherever any media does. */
export function within(scope: MediaScope, order: readonly Preference[]): readonly Preference[] {
  switch (scope) {
    case "none":
      return [];
    case "marked":
      return order.filter((preference) => preference === "marked");
    case "linked":
      return order.filter((preference) => preference !== "newest" && preference !== "oldest");
    case "all":
      return order;
  }
}

/** Whether a minute of the day lies in one of the windows; where it does not, how many minutes until one begins. */
export function minutesUntilOpen(hours: NetworkRule["hours"], minute: number): number {
  if (hours.length === 0) return 0;
  return Math.min(
    ...hours.map(([from, to]) => {
      const isInside = from < to ? minute >= from && minute < to : minute >= from || minute < to;
      return isInside ? 0 : (from - minute + MINUTES_A_DAY) % MINUTES_A_DAY;
    }),
  );
}

export const MINUTES_A_DAY = 1_440;
