import { setUp } from "./setup.mjs";

const foreign = process.argv.find((arg) => arg === "armhf" || arg === "arm64");
setUp(...["package", foreign].filter((profile) => profile !== undefined));
await import(new URL("../dist/scripts/package/package.js", import.meta.url));
