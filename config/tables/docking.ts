import * as v from "valibot";
import { pattern, table } from "../fields.ts";

/** How a recorder answers the dock that it stands in: `[docking]`. */
export function docking() {
  return table({ listen: addressAndPort() });
}

/** `address:port`, no name: an IPv6 address in brackets, with its interface where it needs one. */
function addressAndPort() {
  const allowed = "address:port, an IPv6 address in brackets, such as [ff02::1%usb0]:7947";
  return v.pipe(
    pattern(/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]{1,15})?\]):\d{1,5}$/, allowed),
    v.check((value) => Number(value.slice(value.lastIndexOf(":") + 1)) <= 65535, allowed),
  );
}
