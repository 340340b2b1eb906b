import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import type { Route } from "./rules.ts";

/** Linux's routing tables, as proc(5) and the kernel's `ipv6_route_seq_show` tell them. */
const TABLE = "/proc/net/route";
const TABLE6 = "/proc/net/ipv6_route";
const UP = 0x1;
/** A route that only says that there is none. */
const REJECT = 0x200;
const NOWHERE = "0".repeat(32);

interface Row extends Route {
  isDefault: boolean;
  metric: number;
}

/** The way to the internet, or where there is none the only network that is up; null: none, or not Linux. */
export async function currentRoute(): Promise<Route | null> {
  const [table, table6] = await Promise.all(
    [TABLE, TABLE6].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  return routeOf(table, table6);
}

/**
 * Of the default routes, IPv4's and IPv6's, the one of the lowest metric, IPv4's where they are equal; without
 * one, the first IPv4 route of all. Lines that are none of the system's are passed over.
 */
export function routeOf(table = "", table6 = ""): Route | null {
  const rows = [...rowsOf(table, row4), ...rowsOf(table6, row6).filter(({ isDefault }) => isDefault)];
  const [best] = rows.sort((a, b) => Number(b.isDefault) - Number(a.isDefault) || a.metric - b.metric);
  return best === undefined ? null : { interface: best.interface, gateway: best.gateway };
}

/** One spelling of each address: IPv6 in lower case, its longest run of zeros left out (RFC 5952). */
export function canonicalAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

function rowsOf(table: string, rowOf: (fields: readonly string[]) => Row | null): Row[] {
  return table.split("\n").flatMap((line) => rowOf(line.trim().split(/\s+/)) ?? []);
}

/** `interface destination gateway flags refs use metric mask …`, addresses as of a little-endian machine. */
function row4([
  name = "",
  destination = "",
  gateway = "",
  flags = "",
  ,
  ,
  metric = "",
  mask = "",
]: readonly string[]) {
  const isRow = [destination, gateway, mask].every((field) => isHex(field, 8)) && /^\d+$/.test(metric);
  if (!isRow || !isUsable(flags, 4)) return null;
  const bytes = [...Buffer.from(gateway, "hex")].reverse();
  return {
    interface: name,
    gateway: bytes.every((byte) => byte === 0) ? null : bytes.join("."),
    isDefault: Number.parseInt(destination, 16) === 0 && Number.parseInt(mask, 16) === 0,
    metric: Number(metric),
  };
}

/** `destination length source length gateway metric refs use flags interface`, all numbers in hex. */
function row6(fields: readonly string[]): Row | null {
  const [destination = "", length = "", , , gateway = "", metric = "", , , flags = "", name = ""] = fields;
  const isRow =
    [destination, gateway].every((field) => isHex(field, 32)) && isHex(length, 2) && isHex(metric, 8);
  if (!isRow || name === "" || !isUsable(flags, 8)) return null;
  const groups = gateway.match(/.{4}/g) ?? [];
  return {
    interface: name,
    gateway: gateway === NOWHERE ? null : canonicalAddress(groups.join(":")),
    isDefault: destination === NOWHERE && length === "00",
    metric: Number.parseInt(metric, 16),
  };
}

function isUsable(flags: string, digits: number): boolean {
  const bits = Number.parseInt(flags, 16);
  return isHex(flags, digits) && (bits & UP) !== 0 && (bits & REJECT) === 0;
}

function isHex(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-f]+$/i.test(text);
}
