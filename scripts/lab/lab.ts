import { fileURLToPath } from "node:url";
import { containerTests } from "./container/container-tests.ts";
import { hardwareTests } from "./machine/hardware-tests.ts";
import { labOptions } from "./options.ts";
import { Steps } from "./steps.ts";
import { labTable } from "./table.ts";
import { unitTests } from "./unit/unit-tests.ts";

/** `npm run lab`: what no test on this machine can show, in machines that are programs. */

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const options = labOptions(process.argv.slice(2));
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const steps = new Steps();
await hardwareTests(ROOT, options, steps);
if (options.only.length === 0 || options.only.includes("container"))
  await containerTests(ROOT, options, steps);
if (options.only.length === 0 || options.only.some((part) => part.startsWith("unit")))
  await unitTests(ROOT, options, steps);

console.log(options.json ? JSON.stringify(steps.rows, null, 2) : labTable(steps.rows));
process.exitCode = steps.rows.length > 0 && steps.allWell ? 0 : 1;
