import type { Change } from "../../../support/recorders/model-recorder.ts";
import type { RecorderCheckTitle } from "../../recorder-driver.ts";

/** A driver that breaks one rule: the check it is filed under must fail, and say so. */
export interface RecorderControl {
  /** What is wrong with it, after "a driver that". */
  broken: string;
  /** What the check says. */
  says: RegExp;
  /** Other checks that see it as well; all that are not named here must pass. */
  seenToo?: readonly RecorderCheckTitle[];
  change: Change;
}

/** At least one for each check of a group. */
export type ControlsOf<Checks> = Record<keyof Checks, readonly [RecorderControl, ...RecorderControl[]]>;
