import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { filesBelow } from "../setup/build.mjs";

/**
 * The arguments of c8 that report on one room, and fail below `least` percent of lines or branches. Modules of types alone leave no code to run, but would
 * count as never run, line by line.
 */
export function coverageArguments(root, room, least) {
  const typesAlone = filesBelow(join(root, "dist", room), ".js").filter((file) => {
    return (
      readFileSync(file, "utf8")
        .replace(/\/\/#.*|\/\*[\s\S]*?\*\//g, "")
        .trim() === "export {};"
    );
  });
  return [
    "report",
    `--include=dist/${room}/**`,
    `--lines=${least.lines}`,
    `--branches=${least.branches}`,
    ...typesAlone.map((file) => `--exclude=${relative(root, file)}`),
  ];
}
