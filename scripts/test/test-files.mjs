import { join, relative } from "node:path";
import { filesBelow } from "../setup/build.mjs";

/**
 * The compiled test files whose path below test/ contains one of `filters` (all of them without any).
 * A filter may name the source: `test/crypto`, `ranges.test.ts`.
 */
export function testFiles(root, filters) {
  const compiled = join(root, "dist", "test");
  const wanted = filters.map((filter) =>
    filter.replace(/^(\.\/)?(dist\/)?test\//, "").replace(/\.ts$/, ".js"),
  );
  return filesBelow(compiled, ".test.js").filter((file) => {
    const name = relative(compiled, file);
    return wanted.length === 0 || wanted.some((part) => name.includes(part));
  });
}
