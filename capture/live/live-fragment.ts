import { AgentError } from "../../config/base/errors.ts";
import { type Fragment, type MediaTime, ticksToUs } from "../mp4/fragment.ts";
import type { InitSegment } from "../mp4/init-segment.ts";

/** A fragment as it came in. Times are those of the running stream, from 0 at its start, in µs. */
export interface LiveFragment {
  readonly fragment: Fragment;
  readonly init: InitSegment;
  readonly fromUs: number;
  readonly toUs: number;
  /** True: a recording may start with it. */
  readonly key: boolean;
  /** By track id: nothing that this fragment or a later one brings of a track is earlier. */
  readonly starts: ReadonlyMap<number, MediaTime>;
  /** When it arrived, on the injected clock. */
  readonly arrivedMonoUs: number;
}

/**
 * Sets a fragment on the stream's time; `previous` is the one before, null for the stream's first.
 * One without samples of the timing track (null `timing`) lasts no time, stands where the one before
 * ended, and is no cut point. Throws `mp4-time-backwards`.
 */
export function liveFragment(
  fragment: Fragment,
  init: InitSegment,
  previous: LiveFragment | null,
  arrivedMonoUs: number,
): LiveFragment {
  const { timing } = fragment;
  const { timescale } = init.timing;
  const previousToUs = previous?.toUs ?? 0;
  const fromUs = timing === null ? previousToUs : ticksToUs(timing.fromTicks, timescale);
  const toUs = timing === null ? previousToUs : ticksToUs(timing.toTicks, timescale);
  if (fromUs < previousToUs)
    throw new AgentError("mp4-time-backwards", `${fromUs} µs after ${previousToUs} µs`);
  const starts = new Map(previous?.starts);
  for (const { track, toTicks } of previous?.fragment.runs ?? [])
    starts.set(track.id, { ticks: toTicks, timescale: track.timescale });
  for (const { track, fromTicks } of fragment.runs)
    starts.set(track.id, { ticks: fromTicks, timescale: track.timescale });
  return { fragment, init, fromUs, toUs, key: timing?.key === true, starts, arrivedMonoUs };
}

/** The earliest moment that any track still brings from `live` on. */
export function earliestStart(live: LiveFragment): MediaTime {
  const [first, ...others] = live.starts.values();
  if (first === undefined) return { ticks: 0n, timescale: 1n };
  return others.reduce((a, b) => (b.ticks * a.timescale < a.ticks * b.timescale ? b : a), first);
}
