import { rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./setup.mjs";

// What commands have made, but not node_modules: compiling SQLite again takes minutes.
for (const made of ["dist", "coverage", "demo-data"])
  rmSync(join(ROOT, made), { recursive: true, force: true });
