import { setUp } from "./setup.mjs";

setUp("lab");
await import(new URL("../dist/scripts/lab/lab.js", import.meta.url));
