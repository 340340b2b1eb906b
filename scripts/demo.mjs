import { setUp } from "./setup.mjs";

setUp("demo");
await import(new URL("../dist/scripts/demo/demo.js", import.meta.url));
