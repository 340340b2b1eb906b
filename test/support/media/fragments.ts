import { type LiveFragment, liveFragment } from "../../../capture/live/live-fragment.ts";
import { FragmentReader } from "../../../capture/mp4/fragment-reader.ts";
import { fragment, initSegment, type MadeRun, pictures, sound } from "./mp4-builder.ts";

/** Fragments as a running stream delivers them, each at the moment it ends. */
export function liveFragments(made: readonly MadeRun[][], init = initSegment()): LiveFragment[] {
  const reader = new FragmentReader();
  const live: LiveFragment[] = [];
  for (const bytes of [init, ...made.map((runs) => fragment(...runs))]) {
    for (const part of reader.push(bytes)) {
      if (part.kind === "init") continue;
      const next = liveFragment(part.fragment, part.init, live.at(-1) ?? null, 0);
      live.push({ ...next, arrivedMonoUs: next.toUs });
    }
  }
  return live;
}

/** Picture and sound in fragments of `fragmentMs` from 0 on, cut short by a keyframe every `keyframeMs`. */
export function steadyRuns(forMs: number, keyframeMs: number, fragmentMs = 500): MadeRun[][] {
  const runs: MadeRun[][] = [];
  for (let at = 0; at < forMs; ) {
    const nextKey = (Math.floor(at / keyframeMs) + 1) * keyframeMs;
    const length = Math.min(fragmentMs, nextKey - at, forMs - at);
    runs.push([pictures(at, length, { key: at % keyframeMs === 0 }), sound(at, length)]);
    at += length;
  }
  return runs;
}

export function steadyFragments(forMs: number, keyframeMs: number, fragmentMs = 500): LiveFragment[] {
  return liveFragments(steadyRuns(forMs, keyframeMs, fragmentMs));
}
