import * as v from "valibot";
import { choice, listOf, pathFrom, pattern, table, text, trueOrFalse, vkey, wholeNumber } from "../fields.ts";

const usbPort = () =>
  pattern(
    /^[0-9]{1,3}-[0-9]{1,2}(\.[0-9]{1,2}){0,5}$/,
    'a USB port such as "1-2.3", as in /sys/bus/usb/devices',
  );

/** How a dock finds recorders, empties them and hands them out: `[dock]`. */
export function dock(baseDir: string) {
  return v.pipe(
    table({
      usb: v.optional(choice(["libusb", "virtual", "none"]), "libusb"),
      hub: v.exactOptional(pathFrom(baseDir)),
      mount: v.optional(choice(["agent", "service", "os"]), "agent"),
      bays: v.optional(bays(), []),
      recorders: v.optional(listOf(text(64), 10_000), []),
      recorder_keys: v.optional(listOf(vkey(), 10_000), []),
      wipe: v.optional(choice(["after-receipts", "on-order", "never"]), "after-receipts"),
      recheck_files: v.optional(wholeNumber(0, 10_000), 4),
      wipe_unknown: v.optional(trueOrFalse(), false),
      min_battery_pct: v.optional(wholeNumber(0, 100), 80),
      clock_tolerance_ms: v.optional(wholeNumber(100, 60_000), 3000),
      ready_without: v.optional(listOf(choice(["clock", "battery"]), 2), []),
      utc_offset_min: v.optional(wholeNumber(-840, 840), 480),
      import_threads: v.optional(wholeNumber(1, 8), 2),
      files_at_once: v.optional(wholeNumber(1, 64), 16),
      lamp_boards: v.optional(listOf(pathFrom(baseDir), 32), []),
    }),
    v.forward(
      v.check(
        (own) => (own.usb === "virtual") === (own.hub !== undefined),
        'a folder, with usb = "virtual" only',
      ),
      ["hub"],
    ),
  );
}

/** Which port is which bay, as it is written on the dock. */
function bays() {
  const allowed = 'a list of { port = "1-2.3", name = "3" }, each port and name once';
  const once = (values: string[]) => new Set(values).size === values.length;
  return v.pipe(
    v.array(table({ port: usbPort(), name: text(32) }), allowed),
    v.maxLength(256, allowed),
    v.check((list) => once(list.map(({ port }) => port)) && once(list.map(({ name }) => name)), allowed),
  );
}

/** A reader of badges on a serial line, one id a line: `[badge_reader]`. */
export function badgeReader(baseDir: string) {
  return table({
    device: pathFrom(baseDir),
    baud: v.optional(wholeNumber(300, 4_000_000), 9600),
  });
}
