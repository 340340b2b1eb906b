import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PlantedProject } from "../support/planted-project.ts";

interface Habit {
  /** What the program's code never does. */
  never: string;
  rule: string;
  /** Breaks the habit. */
  broken: Record<string, string>;
  /** The control: looks alike, and is fine. */
  kept: Record<string, string>;
}

const TIME_AND_CHANCE = [
  "Date.now()",
  "new Date()",
  "Math.random()",
  "performance.now()",
  "process.hrtime.bigint()",
];

const HABITS: Habit[] = [
  {
    never: "import in circles",
    rule: "lint/suspicious/noImportCycles",
    broken: {
      "sync/circle/first.ts":
        'import { second } from "./second.ts";\n\nexport const first = (): number => second();\n',
      "sync/circle/second.ts":
        'import { first } from "./first.ts";\n\nexport const second = (): number => first();\n',
    },
    kept: {
      "sync/line/first.ts": 'import { second } from "../circle/third.ts";\n\nexport const first = second;\n',
    },
  },
  {
    never: "export by default",
    rule: "lint/style/noDefaultExport",
    broken: { "sync/default.ts": "const kept = 1;\n\nexport default kept;\n" },
    kept: { "sync/named.ts": "export const kept = 1;\n" },
  },
  {
    never: "gather exports in a barrel",
    rule: "lint/performance/noBarrelFile",
    broken: {
      "sync/barrel.ts": 'export { kept } from "./named.ts";\nexport { first } from "./line/first.ts";\n',
    },
    kept: { "sync/own.ts": 'import { kept } from "./named.ts";\n\nexport const twice = kept * 2;\n' },
  },
  {
    never: "declare an enum",
    rule: "lint/style/noEnum",
    broken: { "sync/enumeration.ts": "export enum State {\n  idle = 0,\n}\n" },
    kept: { "sync/union.ts": 'export type State = "idle" | "busy";\n' },
  },
  {
    never: "declare fields in a constructor's parameters",
    rule: "lint/style/noParameterProperties",
    broken: { "sync/parameter.ts": "export class Kept {\n  constructor(readonly bytes: number) {}\n}\n" },
    kept: {
      "sync/field.ts":
        "export class Kept {\n  readonly bytes: number;\n  constructor(bytes: number) {\n    this.bytes = bytes;\n  }\n}\n",
    },
  },
  {
    never: "name a file other than in kebab-case",
    rule: "lint/style/useFilenamingConvention",
    broken: { "sync/camelCase.ts": "export const kept = 1;\n" },
    kept: { "sync/kebab-case.ts": "export const kept = 1;\n" },
  },
  {
    never: "give up a type for any",
    rule: "lint/suspicious/noExplicitAny",
    broken: { "sync/anything.ts": "export const kept = (value: any): number => Number(value);\n" },
    kept: { "sync/unknown.ts": "export const kept = (value: unknown): number => Number(value);\n" },
  },
  {
    never: "drop a promise on the floor",
    rule: "lint/nursery/noFloatingPromises",
    broken: {
      "sync/floating.ts":
        "async function sent(): Promise<void> {}\n\nexport function kept(): void {\n  sent();\n}\n",
    },
    kept: {
      "sync/awaited.ts":
        "async function sent(): Promise<void> {}\n\nexport async function kept(): Promise<void> {\n  await sent();\n}\n",
    },
  },
  {
    never: "forget a case of a union",
    rule: "lint/nursery/useExhaustiveSwitchCases",
    broken: { "sync/one-case.ts": switchOver('"idle" | "busy"', "idle") },
    kept: { "sync/each-case.ts": switchOver('"idle" | "busy"', "idle", "busy") },
  },
  {
    never: "print, except where a person reads",
    rule: "lint/suspicious/noConsole",
    broken: { "sync/prints.ts": 'console.log("kept");\n' },
    kept: { "agent/cli/prints.ts": 'console.log("kept");\n', "scripts/prints.ts": 'console.log("kept");\n' },
  },
  {
    never: "ask the machine for time or chance, except in one file each",
    rule: "plugin",
    broken: Object.fromEntries(
      TIME_AND_CHANCE.map((use, i) => [`capture/chance-${i}.ts`, `export const kept = ${use};\n`]),
    ),
    kept: {
      "config/base/clock.ts": "export const kept = Date.now();\n",
      "scripts/measures.ts": "export const kept = performance.now();\n",
      "capture/dated.ts": "export const kept = new Date(0);\n",
    },
  },
  {
    never: "skip a test in silence",
    rule: "lint/suspicious/noSkippedTests",
    broken: { "test/skips.test.ts": 'import { it } from "node:test";\n\nit.skip("kept", () => {});\n' },
    kept: { "test/runs.test.ts": 'import { it } from "node:test";\n\nit("kept", () => {});\n' },
  },
];

describe("the program's code", () => {
  const project = new PlantedProject();

  before(() => {
    project.plant("sync/circle/third.ts", "export const second = 1;\n");
    for (const { broken, kept } of HABITS) {
      for (const [path, text] of Object.entries({ ...broken, ...kept })) project.plant(path, text);
    }
    project.lint();
  });
  after(() => project.remove());

  for (const { never, rule, broken, kept } of HABITS) {
    it(`never may ${never}`, () => {
      for (const path of Object.keys(broken))
        assert.ok(project.caught(path).includes(rule), `${path} passed`);
      for (const path of Object.keys(kept)) assert.deepEqual(project.caught(path), [], path);
    });
  }
});

function switchOver(union: string, ...cases: string[]): string {
  const branches = cases.map((value) => `    case "${value}":\n      return 1;\n`).join("");
  return `export function kept(state: ${union}): number {\n  switch (state) {\n${branches}  }\n  return 2;\n}\n`;
}
