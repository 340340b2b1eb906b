import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT, setUp } from "./setup.mjs";
import { coverageArguments } from "./test/coverage.mjs";
import { testFiles } from "./test/test-files.mjs";
import { complaints } from "./test/verdict.mjs";

/** Rooms, and of how much of each the tests run at least, in percent; each on its own: none hides behind another. */
const COVERED_ROOMS = {
  crypto: { lines: 80, branches: 75 },
  capture: { lines: 80, branches: 75 },
  sync: { lines: 80, branches: 75 },
  // where no card can be mounted; what runs in the USB process alone does not count
  drivers: { lines: 94, branches: 88 },
};
const COVERAGE = join(ROOT, "coverage");
const RAW_COVERAGE = join(COVERAGE, "raw");

// `npm test -- crypto/bytes --test-concurrency=1`: words choose files, flags go to node.
const flags = process.argv.slice(2).filter((word) => word.startsWith("-"));
const filters = process.argv.slice(2).filter((word) => !word.startsWith("-"));

setUp("test");
const steps = filters.length > 0 ? [tests] : [lint, unused, tests, coverage];
const problems = steps.flatMap((step) => step());

console.log("");
for (const problem of problems) console.log(`✖ ${problem}`);
console.log(problems.length === 0 ? "✔ npm test: all is well" : `✖ npm test: failed (${problems.length})`);
process.exitCode = problems.length === 0 ? 0 : 1;

function lint() {
  console.log("── lint");
  return tool("@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "."]) === 0
    ? []
    : ["lint: see above"];
}

function unused() {
  console.log("── unused code and packages");
  return tool("knip/bin/knip.js", []) === 0 ? [] : ["knip: see above"];
}

function tests() {
  console.log("── tests");
  const files = testFiles(ROOT, filters);
  if (files.length === 0)
    return [`no test file${filters.length > 0 ? ` matches ${filters.join(", ")}` : ""}`];
  rmSync(COVERAGE, { recursive: true, force: true });
  mkdirSync(RAW_COVERAGE, { recursive: true });
  const tallyFile = join(COVERAGE, "tally.json");
  const { status } = spawnSync(
    process.execPath,
    [
      "--test",
      "--enable-source-maps",
      "--test-concurrency=3",
      "--test-timeout=300000",
      "--test-reporter=spec",
      "--test-reporter-destination=stdout",
      `--test-reporter=${new URL("./test/tally-reporter.mjs", import.meta.url)}`,
      `--test-reporter-destination=${tallyFile}`,
      ...flags,
      ...files,
    ],
    { cwd: ROOT, stdio: "inherit", env: { ...process.env, NODE_V8_COVERAGE: RAW_COVERAGE } },
  );
  const tally = existsSync(tallyFile) ? JSON.parse(readFileSync(tallyFile, "utf8") || "null") : null;
  for (const { name, reason } of tally?.skipped ?? [])
    if (reason) console.log(`skipped: ${name} (${reason})`);
  return complaints(status, tally).map((complaint) => `tests: ${complaint}`);
}

function coverage() {
  return Object.entries(COVERED_ROOMS).flatMap(([room, least]) => {
    console.log(`── coverage of ${room}`);
    const enough = tool("c8/bin/c8.js", coverageArguments(ROOT, room, least)) === 0;
    return enough
      ? []
      : [`coverage of ${room} is below ${least.lines} % of lines or ${least.branches} % of branches`];
  });
}

/** Runs the program at `path` in node_modules and gives its exit code. */
function tool(path, args) {
  const { status } = spawnSync(process.execPath, [join(ROOT, "node_modules", path), ...args], {
    cwd: ROOT,
    stdio: "inherit",
  });
  return status;
}
