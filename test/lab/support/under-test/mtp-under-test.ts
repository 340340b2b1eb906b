import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RecorderDriver } from "../../../../drivers/recorders/recorder-driver.ts";
import type { CardFile, MakeRecorder } from "../../../contract/recorder/under-test.ts";
import { CAMERA_CARD, COMPOSITE, type CompositeCamera } from "../composite-camera.ts";
import { Plugged } from "../plugged.ts";
import { PulledLink } from "./pulled-link.ts";

/** The camera's MTP face, as the contract wants it: its card is a folder behind the responder. */
export async function mtpUnderTest(
  camera: CompositeCamera,
): Promise<{ make: MakeRecorder; end: () => Promise<void> }> {
  await camera.build(new Map());
  const plugged = new Plugged(({ serial }) => serial === COMPOSITE.serial);
  await plugged.watch();
  const pulled = new PulledLink(() => camera.unplug());
  let hangs = false;

  async function open(): Promise<RecorderDriver> {
    // a responder that was reset, or hangs, needs its cable pulled
    if (hangs || !plugged.isThere) camera.unplug();
    hangs = false;
    if (!camera.isIn) {
      await plugged.isGone();
      await camera.plug();
    }
    return await plugged.openMtp((link) => pulled.over(link));
  }

  return {
    make: async (files) => {
      mkdirSync(CAMERA_CARD, { recursive: true });
      for (const name of readdirSync(CAMERA_CARD)) rmSync(join(CAMERA_CARD, name), { recursive: true });
      for (const file of files) put(file);
      return {
        driver: await open(),
        card: {
          bytesOf: (path) => (existsSync(at(path)) ? readFileSync(at(path)) : null),
          replace: put,
          unplugAfter: (bytes) => pulled.after(bytes),
        },
        hang: () => {
          hangs = true;
          camera.hang();
        },
        unplug: () => camera.unplug(),
        replug: open,
        dispose: async () => {},
      };
    },
    end: () => plugged.close(),
  };
}

const at = (path: string): string => join(CAMERA_CARD, path);

function put({ path, bytes, modifiedMs }: CardFile): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  rmSync(at(path), { force: true });
  writeFileSync(at(path), bytes);
  utimesSync(at(path), modifiedMs / 1000, modifiedMs / 1000);
}
