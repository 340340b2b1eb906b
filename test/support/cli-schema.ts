import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { REPOSITORY } from "./repository.ts";

const ajv = new Ajv2020({ allErrors: true, strict: true });

/** Where the schema of what a command prints with `--json` lies: `activity list` → `docs/schemas/activity-list.json`. */
export function schemaFileOf(command: string): string {
  return join("docs/schemas", `${command.replaceAll(" ", "-")}.json`);
}

/** Asserts the same for a command line that was run, if it asked for JSON and something was printed. */
export function assertPrintedFits(args: readonly string[], stdout: string): void {
  if (!args.includes("--json") || stdout === "") return;
  const [first = "", second = ""] = args;
  const command = existsSync(join(REPOSITORY, schemaFileOf(`${first} ${second}`)))
    ? `${first} ${second}`
    : first;
  // one object over several lines, or, where something is followed, one on each
  const objects = stdout.startsWith("{\n") ? [stdout] : stdout.trim().split("\n");
  for (const object of objects) assertFitsSchema(command, JSON.parse(object));
}

/** Asserts that a command's `--json` is what its published schema says. */
export function assertFitsSchema(command: string, printed: unknown): void {
  const fits = schemaOf(command);
  assert.ok(fits(printed), `${command}: ${ajv.errorsText(fits.errors)}`);
}

/** Asserts the same of an example in a document, in which `…` stands for any text. */
export function assertExampleFits(command: string, example: unknown): void {
  const fits = ajv.compile(lenient(schemaRead(command)));
  assert.ok(fits(example), `${command}: ${ajv.errorsText(fits.errors)}`);
}

/** The schema without its patterns, where the text is `…`. */
function lenient(schema: object): object {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === "pattern" && typeof value === "string" ? `^…$|${value}` : value,
  );
}

const compiled = new Map<string, ValidateFunction>();

function schemaOf(command: string): ValidateFunction {
  const known = compiled.get(command);
  if (known !== undefined) return known;
  const fits = ajv.compile(schemaRead(command));
  compiled.set(command, fits);
  return fits;
}

function schemaRead(command: string): object {
  const schema: unknown = JSON.parse(readFileSync(join(REPOSITORY, schemaFileOf(command)), "utf8"));
  assert.ok(typeof schema === "object" && schema !== null);
  return schema;
}
