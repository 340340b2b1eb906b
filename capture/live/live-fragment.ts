import { AgentError } from "../../config/base/errors.ts";
import { type Fragment, ticksToUs } from "../mp4/fragment.ts";
import type { InitSegment } from "../mp4/init-segment.ts";

/** A fragment as it came in. Times are those of the running stream, from 0 at its start, in µs. */
export interface LiveFragment {
  readonly fragment: Fragment;
  readonly init: InitSegment;
  readonly fromUs: number;
  readonly toUs: number;
  /** True: a recording may start with it. */
  readonly key: boolean;
  /** When it arrived, on the injected clock. */
  readonly arrivedMonoUs: number;
}

/**
 * Sets a fragment on the stream's time. One without samples of the timing track (null `timing`)
 * lasts no time, stands where the one before ended, and is no cut point.
 * Throws `mp4-time-backwards`.
 */
export function liveFragment(
  fragment: Fragment,
  init: InitSegment,
  previousToUs: number,
  arrivedMonoUs: number,
): LiveFragment {
  const { timing } = fragment;
  const { timescale } = init.timing;
  const fromUs = timing === null ? previousToUs : ticksToUs(timing.fromTicks, timescale);
  const toUs = timing === null ? previousToUs : ticksToUs(timing.toTicks, timescale);
  if (fromUs < previousToUs)
    throw new AgentError("mp4-time-backwards", `${fromUs} µs after ${previousToUs} µs`);
  return { fragment, init, fromUs, toUs, key: timing?.key === true, arrivedMonoUs };
}
