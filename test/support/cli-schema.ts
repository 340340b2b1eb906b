import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { REPOSITORY } from "./repository.ts";

const ajv = new Ajv2020({ allErrors: true, strict: true });

/** Where the schema of what a command prints with `--json` lies: `activity list` → `docs/schemas/activity-list.json`. */
function schemaFileOf(command: string): string {
  return join("docs/schemas", `${command.replaceAll(" ", "-")}.json`);
}

/** Asserts that a command's `--json` is what its published schema says. */
export function assertFitsSchema(command: string, printed: unknown): void {
  const schema: unknown = JSON.parse(readFileSync(join(REPOSITORY, schemaFileOf(command)), "utf8"));
  assert.ok(typeof schema === "object" && schema !== null);
  const fits = ajv.compile(schema);
  assert.ok(fits(printed), `${command}: ${ajv.errorsText(fits.errors)}`);
}
