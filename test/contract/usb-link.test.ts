import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { altered } from "../support/altered.ts";
import { virtualUsbBench } from "../support/usb/virtual-bench.ts";
import { busControls } from "./usb/controls/bus.ts";
import type { UsbCheckTitle, UsbControl } from "./usb/controls/control.ts";
import { linkControls } from "./usb/controls/link.ts";
import { UsbStage } from "./usb/stage.ts";
import { USB_CHECKS } from "./usb-link.ts";

const CONTROLS: Record<UsbCheckTitle, readonly UsbControl[]> = { ...busControls, ...linkControls };
const TITLES = Object.keys(USB_CHECKS) as UsbCheckTitle[];

/** What the check says of a bus that is changed; null: it passed. */
async function complaint(title: UsbCheckTitle, { change }: UsbControl): Promise<string | null> {
  const stage = await UsbStage.set(async () => {
    const bench = await virtualUsbBench();
    return { ...bench, bus: altered(bench.bus, change(bench.bus)) };
  });
  try {
    await USB_CHECKS[title](stage);
    return null;
  } catch (error) {
    return String(error);
  } finally {
    await stage.end();
  }
}

for (const title of TITLES) {
  describe(`the check "${title}"`, () => {
    for (const control of CONTROLS[title]) {
      it(`catches a bus that ${control.broken}, and no other check does without a reason`, async () => {
        assert.match((await complaint(title, control)) ?? "passed", control.says);
        for (const other of TITLES) {
          if (other === title) continue;
          const found = await complaint(other, control);
          assert.equal(found !== null, control.seenToo?.includes(other) ?? false, `${other}: ${found}`);
        }
      });
    }
  });
}
