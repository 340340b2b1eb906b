import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { Rauc } from "../../agent/update/rauc/rauc.ts";
import { temporaryDirectory } from "../support/surroundings.ts";
import { BundleMaker } from "../support/update/bundle-maker.ts";
import { noInstalling, raucService } from "../support/update/rauc-service.ts";
import { COMPATIBLE, SimulatedRauc, simulatedBundle } from "../support/update/simulated-rauc.ts";
import { INSTALLING_CHECKS, RAUC_CHECKS, type RaucRig } from "./rauc.ts";

const ALL = { ...RAUC_CHECKS, ...INSTALLING_CHECKS };
const missing = ["rauc", "mksquashfs", "openssl", "dbus-daemon"].filter(
  (tool) => spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0,
);
const skip = missing.length > 0 && `NOT RUN, not installed: ${missing.join(", ")}`;
const CLAIMS = { compatible: COMPATIBLE, version: "1.2.3", minimumVersion: "1.1.0" };

function simulatedRig(t: TestContext): RaucRig {
  const folder = temporaryDirectory(t);
  let count = 0;
  const write = (text: string) => {
    const path = join(folder, `${++count}.raucb`);
    writeFileSync(path, text);
    return path;
  };
  const make = ({ version, compatible, minimumVersion }: typeof CLAIMS, signed = true) =>
    write(simulatedBundle(version, { compatible, signed, description: `minimum-version=${minimumVersion}` }));
  const whole = (claims: typeof CLAIMS) => make(claims);
  return {
    rauc: new SimulatedRauc(),
    make: whole,
    makeInstallable: whole,
    makeForeign: (claims) => make(claims, false),
  };
}

async function realRig(t: TestContext): Promise<RaucRig> {
  const maker = new BundleMaker(t);
  return {
    rauc: await raucService(t, maker.keyring),
    make: (claims) => maker.make(claims),
    makeInstallable: (claims) => maker.make(claims, { format: "plain" }),
    makeForeign: (claims) => maker.make(claims, { signer: "foreign" }),
  };
}

describe("the simulated RAUC", () => {
  for (const [title, check] of Object.entries(ALL)) it(title, async (t) => await check(simulatedRig(t)));
});

describe("the real RAUC", { skip }, () => {
  for (const [title, check] of Object.entries(RAUC_CHECKS))
    it(title, async (t) => await check(await realRig(t)));
  for (const [title, check] of Object.entries(INSTALLING_CHECKS))
    it(title, { skip: noInstalling() }, async (t) => await check(await realRig(t)));

  it("refuses what is unsigned, altered, or not of format verity before a slot is written", async (t) => {
    const maker = new BundleMaker(t);
    const rauc = await raucService(t, maker.keyring);
    const bundles = [
      maker.makeUnsigned(CLAIMS),
      maker.makeAltered(CLAIMS),
      maker.make(CLAIMS, { format: "plain" }),
    ];
    for (const bundle of bundles) await assert.rejects(rauc.inspect(bundle), { code: "bundle-damaged" });
  });
});

describe("a RAUC that", () => {
  const broken: [string, Partial<Rauc>, keyof typeof ALL][] = [
    [
      "takes what anybody signed",
      { inspect: async () => CLAIMS },
      "refuses what somebody else has signed, or is not there",
    ],
    ["writes nothing", { install: async () => {} }, "installs into the slot that does not run"],
    [
      "takes any board's",
      { install: async () => {} },
      "installs nothing for another board, of a stranger, or that is not there",
    ],
    [
      "runs from no slot",
      { status: async () => ({ compatible: COMPATIBLE, slots: [] }) },
      "knows its slots, and which of them runs",
    ],
    [
      "forgets to mark",
      {
        status: async () => ({
          compatible: COMPATIBLE,
          slots: [{ name: "A", booted: true, good: false, holds: null }],
        }),
      },
      "gives the running slot its tries back",
    ],
    [
      "tells nothing of bundles",
      { inspect: async () => ({ ...CLAIMS, version: "0.0.0" }) },
      "tells what a bundle claims, and does not mind for whom it is",
    ],
  ];
  for (const [title, change, check] of broken)
    it(`${title} is caught`, async (t) => {
      const rig = simulatedRig(t);
      const { rauc } = rig;
      const bound: Rauc = {
        inspect: (bundle) => rauc.inspect(bundle),
        install: (bundle) => rauc.install(bundle),
        status: () => rauc.status(),
        good: () => rauc.good(),
      };
      await assert.rejects(ALL[check]({ ...rig, rauc: { ...bound, ...change } }));
    });
});
