import { after, describe, it } from "node:test";
import { RECORDER_CHECKS } from "../contract/recorder-driver.ts";
import { CompositeCamera } from "./support/composite-camera.ts";
import { mtpUnderTest } from "./support/under-test/mtp-under-test.ts";

// What a driver of recorders keeps, on the MTP face of a camera that is no program of ours: umtp-responder.

/** umtp-responder dies of a transaction that is called off: what leaves one in the middle is for the simulator. */
const LEAVES_IN_THE_MIDDLE =
  /left early|after an unplug|pulled out between|aborted already|called off|as often as one likes|after close/;
/** It does not look again at a file that it has listed. */
const CHANGES_A_FILE = /another file|another length/;

const camera = new CompositeCamera();
const mtp = await mtpUnderTest(camera);

describe("mtp on umtp-responder keeps the contract of recorder drivers", () => {
  for (const [title, check] of Object.entries(RECORDER_CHECKS)) {
    if (!LEAVES_IN_THE_MIDDLE.test(title) && !CHANGES_A_FILE.test(title)) it(title, () => check(mtp.make));
  }
});

after(async () => {
  await mtp.end();
  await camera.end();
});
