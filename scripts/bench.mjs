import { setUp } from "./setup.mjs";

setUp("bench");
await import(new URL("../dist/scripts/bench/bench.js", import.meta.url));
