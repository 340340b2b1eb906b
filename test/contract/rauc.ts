import assert from "node:assert/strict";
import type { Rauc } from "../../agent/update/rauc/rauc.ts";
import type { Bundle } from "../../agent/update/rauc/told.ts";
import { COMPATIBLE } from "../support/update/simulated-rauc.ts";

/** A RAUC, running slot A of two, and bundles for it. */
export interface RaucRig {
  readonly rauc: Rauc;
  /** Answers the path of a bundle, whole and signed by who is known. */
  make(claims: Bundle): string;
  /** One of which installing is possible where the test runs. */
  makeInstallable(claims: Bundle): string;
  /** Signed by somebody else. */
  makeForeign(claims: Bundle): string;
}

const CLAIMS: Bundle = { compatible: COMPATIBLE, version: "1.2.3", minimumVersion: "1.1.0" };
const OTHER = { ...CLAIMS, compatible: "fulltrace-recorder-other" };
const ABSENT = "/nonexistent/none.raucb";

/** What every RAUC does, real or simulated. */
export const RAUC_CHECKS = {
  "tells what a bundle claims, and does not mind for whom it is": async ({ rauc, make }) => {
    assert.deepEqual(await rauc.inspect(make(CLAIMS)), CLAIMS);
    assert.deepEqual(await rauc.inspect(make(OTHER)), OTHER);
  },
  "refuses what somebody else has signed, or is not there": async ({ rauc, makeForeign }) => {
    await assert.rejects(rauc.inspect(makeForeign(CLAIMS)), { code: "bundle-unsigned" });
    await assert.rejects(rauc.inspect(ABSENT), { code: "bundle-missing" });
  },
  "knows its slots, and which of them runs": async ({ rauc }) => {
    const { compatible, slots } = await rauc.status();
    assert.equal(compatible, COMPATIBLE);
    const told = slots.map(({ name, booted, holds }) => [name, booted, holds]);
    assert.deepEqual(told.sort(), [
      ["A", true, null],
      ["B", false, null],
    ]);
  },
  "gives the running slot its tries back": async ({ rauc }) => {
    await rauc.good();
    assert.equal((await rauc.status()).slots.find(({ name }) => name === "A")?.good, true);
  },
} satisfies Record<string, (rig: RaucRig) => Promise<void>>;

/** Those that write a slot. */
export const INSTALLING_CHECKS = {
  "installs into the slot that does not run": async ({ rauc, makeInstallable }) => {
    await rauc.install(makeInstallable(CLAIMS));
    const { slots } = await rauc.status();
    const told = slots.map(({ name, booted, good, holds }) => [name, booted, good, holds]);
    assert.deepEqual(told.sort(), [
      ["A", true, true, null],
      ["B", false, true, CLAIMS],
    ]);
  },
  "installs nothing for another board, of a stranger, or that is not there": async (rig) => {
    const { rauc, makeInstallable, makeForeign } = rig;
    await assert.rejects(rauc.install(makeInstallable(OTHER)), { code: "bundle-other-board" });
    await assert.rejects(rauc.install(makeForeign(CLAIMS)), { code: "bundle-unsigned" });
    await assert.rejects(rauc.install(ABSENT), { code: "bundle-missing" });
    assert.equal((await rauc.status()).slots.find(({ name }) => name === "B")?.holds, null);
  },
} satisfies Record<string, (rig: RaucRig) => Promise<void>>;
