import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lampsPicture, signWords } from "./lamps.ts";

/** `node dist/scripts/pictures/draw.js`: draws the pictures of docs/ that follow from the program. */

const DOCS = join(import.meta.dirname, "..", "..", "..", "docs");

const signs = signWords(readFileSync(join(DOCS, "wearer-signs.md"), "utf8"));
writeFileSync(join(DOCS, "pictures", "lamps.svg"), lampsPicture(signs));
