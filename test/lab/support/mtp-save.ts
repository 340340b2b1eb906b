import { closeSync, openSync, writeSync } from "node:fs";
import { fileAt, going } from "../../contract/recorder/calls.ts";
import { Plugged } from "./plugged.ts";

// What `mtp-getfile` does, by our driver: `mtp-save PATH-ON-THE-CARD FILE`. A program of its own, as that is.

const [path = "", saveAs = ""] = process.argv.slice(2);
const plugged = new Plugged(({ interfaces }) => interfaces.some((one) => one.class === 6));
await plugged.watch();
const driver = await plugged.openMtp();
const file = await fileAt(driver, path);
const saved = openSync(saveAs, "wx");
for await (const piece of driver.read(file, 0, file.bytes, going())) writeSync(saved, piece);
closeSync(saved);
await driver.close();
await plugged.close();
