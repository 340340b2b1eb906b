import { setUp } from "./setup.mjs";

setUp("package", "armhf", "image", "lab");
await import(new URL("../dist/scripts/lab/lab.js", import.meta.url));
