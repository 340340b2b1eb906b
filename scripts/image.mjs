import { setUp } from "./setup.mjs";

setUp("package", "armhf", "image");
await import(new URL("../dist/scripts/image/image.js", import.meta.url));
