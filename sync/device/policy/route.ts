import { readFile } from "node:fs/promises";
import type { Route } from "./rules.ts";

/** Linux's IPv4 routing table, as proc(5) tells it. */
const TABLE = "/proc/net/route";
const UP = 0x1;

/** The way to the internet, or where there is none the only network that is up; null: none, or not Linux. */
export async function currentRoute(): Promise<Route | null> {
  return routeOf(await readFile(TABLE, "utf8").catch(() => ""));
}

/** Of the default routes the one of the lowest metric; without one, the first route of all. */
export function routeOf(table: string): Route | null {
  const rows = table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 8 && (Number.parseInt(fields[3] as string, 16) & UP) !== 0)
    .map(([name = "", destination, gateway = "", , , , metric, mask]) => ({
      interface: name,
      gateway: addressOf(gateway),
      isDefault: destination === "00000000" && mask === "00000000",
      metric: Number(metric),
    }));
  const [best] = rows.sort((a, b) => Number(b.isDefault) - Number(a.isDefault) || a.metric - b.metric);
  return best === undefined ? null : { interface: best.interface, gateway: best.gateway };
}

/** Eight hex digits in the order of a little-endian machine; null: 0.0.0.0, on the link itself. */
function addressOf(hex: string): string | null {
  const bytes = [...Buffer.from(hex, "hex")].reverse();
  return bytes.length !== 4 || bytes.every((byte) => byte === 0) ? null : bytes.join(".");
}
