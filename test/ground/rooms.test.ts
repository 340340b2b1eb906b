import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PlantedProject } from "../support/planted-project.ts";

const ROOMS = [
  "config",
  "drivers",
  "crypto",
  "crypto/ledger",
  "capture",
  "sync",
  "agent",
  "scripts",
  "test",
] as const;
type Room = (typeof ROOMS)[number];

/** The table of docs/architecture.md: who may import whom. */
const MAY_IMPORT: Record<Room, readonly Room[]> = {
  config: [],
  drivers: ["config"],
  crypto: ["config"],
  "crypto/ledger": ["config", "crypto"],
  capture: ["config", "drivers", "crypto"],
  sync: ["config", "crypto", "crypto/ledger"],
  agent: ["config", "drivers", "crypto", "crypto/ledger", "capture", "sync"],
  scripts: ROOMS,
  test: ROOMS,
};

/** Which rooms of the program may use a package; scripts and tests may use all. */
const OWNERS: Record<string, readonly Room[]> = {
  serialport: ["drivers"],
  usb: ["drivers"],
  gps: ["drivers"],
  "iconv-lite": ["drivers"],
  "fluent-ffmpeg": [],
  tweetnacl: ["crypto", "crypto/ledger"],
  "better-sqlite3": ["crypto/ledger"],
  mqtt: ["sync"],
  aedes: ["sync"],
  commander: ["agent"],
  "smol-toml": ["config"],
  pino: ["config"],
};

const RESTRICTED = "lint/style/noRestrictedImports";
const named = (from: string) => `import { used } from "${from}";\n\nexport const kept = used;\n`;
const whole = (from: string) => `import used from "${from}";\n\nexport const kept = used;\n`;
const crossing = (from: Room, to: Room) => `${from}/part/uses-${to.replace("/", "-")}.ts`;

describe("the rooms", () => {
  const project = new PlantedProject();

  before(() => {
    for (const room of ROOMS) {
      project.plant(`${room}/part/target.ts`, "export const used = 1;\n");
      const root = "../".repeat(room.split("/").length + 1);
      for (const other of ROOMS)
        project.plant(crossing(room, other), named(`${root}${other}/part/target.ts`));
      for (const name of Object.keys(OWNERS)) {
        project.plant(`${room}/part/package-${name}.ts`, whole(name));
        project.plant(`${room}/part/inside-${name}.ts`, whole(`${name}/inside.js`));
      }
    }
    project.plant("capture/source/ffmpeg-source.ts", whole("fluent-ffmpeg"));
    project.plant("crypto/proof/trust.ts", whole("smol-toml"));
    project.plant(
      "capture/part/lazily.ts",
      'export const kept = await import("../../sync/part/target.ts");\n',
    );
    project.plant("capture/part/types.ts", 'export type { used } from "../../sync/part/target.ts";\n');
    project.lint();
  });
  after(() => project.remove());

  for (const room of ROOMS) {
    for (const other of ROOMS.filter((candidate) => candidate !== room)) {
      const allowed = MAY_IMPORT[room].includes(other);
      it(`${room} ${allowed ? "may import" : "never imports"} ${other}`, () => {
        assert.deepEqual(project.caught(crossing(room, other)), allowed ? [] : [RESTRICTED]);
      });
    }
  }

  for (const [name, owners] of Object.entries(OWNERS)) {
    for (const room of ROOMS) {
      const allowed = room === "scripts" || room === "test" || owners.includes(room);
      it(`${room} ${allowed ? "may use" : "never uses"} the package ${name}, whole or in part`, () => {
        for (const part of ["package", "inside"]) {
          const caught = project.caught(`${room}/part/${part}-${name}.ts`);
          assert.equal(caught.includes(RESTRICTED), !allowed, part);
        }
      });
    }
  }

  it("one file of capture drives ffmpeg", () => {
    assert.ok(!project.caught("capture/source/ffmpeg-source.ts").includes(RESTRICTED));
  });

  it("the trust file is read beside the proofs", () => {
    assert.ok(!project.caught("crypto/proof/trust.ts").includes(RESTRICTED));
  });

  it("a lazy import and a type are imports too", () => {
    assert.deepEqual(project.caught("capture/part/lazily.ts"), [RESTRICTED]);
    assert.ok(project.caught("capture/part/types.ts").includes(RESTRICTED));
  });
});
