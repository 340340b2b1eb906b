import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openMassStorage } from "../../../../drivers/recorders/mass-storage/mass-storage.ts";
import {
  FolderMounter,
  SimulatedCable,
} from "../../../../drivers/recorders/mass-storage/mount/folder-mounter.ts";
import { going } from "../../../contract/recorder/calls.ts";
import type { CardFile, MakeRecorder } from "../../../contract/recorder/under-test.ts";
import { recorderDriverContract } from "../../../contract/recorder-driver.ts";

const folderCard: MakeRecorder = async (files) => {
  const folder = mkdtempSync(join(tmpdir(), "fulltrace-card-"));
  const put = ({ path, bytes, modifiedMs }: CardFile) => {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    rmSync(target, { force: true });
    writeFileSync(target, bytes);
    utimesSync(target, modifiedMs / 1000, modifiedMs / 1000);
  };
  for (const file of files) put(file);
  const cable = new SimulatedCable();
  const device = { port: "1-1", product: "DV16", serial: "0000042" };
  const open = () =>
    openMassStorage({ mounter: new FolderMounter(folder, "utc", cable), device, mayRemove: true }, going());
  return {
    driver: await open(),
    card: {
      bytesOf: (path) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : null),
      replace: put,
      unplugAfter: (bytes) => cable.unplugAfter(bytes),
    },
    unplug: () => cable.unplug(),
    replug: () => {
      cable.plug();
      return open();
    },
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  };
};

recorderDriverContract("mass-storage", folderCard);
