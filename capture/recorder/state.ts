import type { Wish } from "../recording/recording.ts";

/** Why there are no pictures. */
export type IdleReason =
  | "off"
  | "starting"
  | "camera-lost"
  | "encoder-stalled"
  | "clock-strayed"
  | "stream-broken"
  | "source-ended";

export type RecorderState =
  /** No pictures. A wish waits for the camera. */
  | { readonly kind: "idle"; readonly why: IdleReason; readonly wish: Wish | null }
  /** Pictures go to the ring. A wish begins with the next fragment, or when the writer is no longer `behind`. */
  | { readonly kind: "pre-event"; readonly wish: Wish | null; readonly behind: boolean }
  /** `ending`: the post-event time runs, until the stream's time reaches `atUs`. */
  | { readonly kind: "recording"; readonly rec: string; readonly wish: Wish; readonly ending: Ending | null }
  /** The last chunk and `recording.stop` are on their way to the disk. */
  | { readonly kind: "sealing"; readonly rec: string };

export interface Ending {
  readonly reason: string;
  readonly atUs: number;
}

export type RecorderEvent =
  /** A fragment came, up to `toUs`; `rec` is the id that a recording beginning now would have. */
  | { readonly type: "fragment"; readonly toUs: number; readonly rec: string }
  | { readonly type: "camera-down"; readonly why: IdleReason }
  /** `ready`: the ring holds a keyframe to begin with. */
  | { readonly type: "record"; readonly wish: Wish; readonly ready: boolean; readonly rec: string }
  | { readonly type: "stop"; readonly reason: string; readonly atUs: number }
  /** The recording must end here and go on in a new one: its length, a changed stream. */
  | { readonly type: "split"; readonly reason: string }
  /** The writer does not keep up, or has caught up. */
  | { readonly type: "overload" }
  | { readonly type: "relieved" }
  /** The writer refuses more: the disk is full or broken. */
  | { readonly type: "refused"; readonly rec: string; readonly reason: string }
  | { readonly type: "sealed"; readonly rec: string };

export type RecorderCommand =
  /** `ring`: with the pre-event buffer; `latest`: with the fragment that just came. */
  | { readonly do: "begin"; readonly rec: string; readonly wish: Wish; readonly from: "ring" | "latest" }
  | { readonly do: "seal"; readonly rec: string; readonly reason: string };

export interface Transition {
  readonly state: RecorderState;
  readonly commands: readonly RecorderCommand[];
}

/** The life of a recorder: what follows from an event, and what is to be done about it. Pure. */
export function transition(state: RecorderState, event: RecorderEvent): Transition {
  switch (event.type) {
    case "fragment":
      return onFragment(state, event.toUs, event.rec);
    case "camera-down":
      return onCameraDown(state, event.why);
    case "record":
      return onRecord(state, event);
    case "stop":
      return onStop(state, event);
    case "split":
      if (state.kind !== "recording") return stay(state);
      return {
        // a wearer who has pressed stop wants no continuation
        state: { kind: "pre-event", wish: wishAfter(state), behind: false },
        commands: [{ do: "seal", rec: state.rec, reason: state.ending?.reason ?? event.reason }],
      };
    case "overload":
      if (state.kind !== "recording") return stay(state);
      return {
        state: { kind: "pre-event", wish: wishAfter(state), behind: true },
        commands: [{ do: "seal", rec: state.rec, reason: "overload" }],
      };
    case "relieved":
      return stay(state.kind === "pre-event" ? { ...state, behind: false } : state);
    case "refused":
      if (state.kind !== "recording" || state.rec !== event.rec) return stay(state);
      return sealing(state.rec, event.reason);
    case "sealed":
      if (state.kind !== "sealing" || state.rec !== event.rec) return stay(state);
      return stay({ kind: "pre-event", wish: null, behind: false });
  }
}

function onFragment(state: RecorderState, toUs: number, rec: string): Transition {
  switch (state.kind) {
    case "idle":
      return state.wish === null
        ? stay({ kind: "pre-event", wish: null, behind: false })
        : begin(rec, state.wish, "latest");
    case "pre-event":
      return state.wish === null || state.behind ? stay(state) : begin(rec, state.wish, "latest");
    case "recording":
      return state.ending !== null && toUs >= state.ending.atUs
        ? sealing(state.rec, state.ending.reason)
        : stay(state);
    case "sealing":
      return stay(state);
  }
}

function onCameraDown(state: RecorderState, why: IdleReason): Transition {
  // a source that has ended will not come back to fulfil a wish
  const wish = why === "source-ended" || why === "off" ? null : wishAfter(state);
  const commands: RecorderCommand[] =
    state.kind === "recording"
      ? [{ do: "seal", rec: state.rec, reason: state.ending?.reason ?? stopReason(why) }]
      : [];
  return { state: { kind: "idle", why, wish }, commands };
}

function onRecord(state: RecorderState, event: Extract<RecorderEvent, { type: "record" }>): Transition {
  switch (state.kind) {
    case "idle":
      return stay({ ...state, wish: state.wish ?? event.wish });
    case "pre-event":
      if (state.wish !== null) return stay(state);
      return event.ready && !state.behind
        ? begin(event.rec, event.wish, "ring")
        : stay({ ...state, wish: event.wish });
    case "recording":
      // pressed again in the post-event time: the recording goes on
      return stay({ ...state, ending: null });
    case "sealing":
      return event.ready
        ? begin(event.rec, event.wish, "ring")
        : stay({ kind: "pre-event", wish: event.wish, behind: false });
  }
}

function onStop(state: RecorderState, event: Extract<RecorderEvent, { type: "stop" }>): Transition {
  switch (state.kind) {
    case "idle":
    case "pre-event":
      return stay({ ...state, wish: null });
    case "recording":
      return stay({ ...state, ending: { reason: event.reason, atUs: event.atUs } });
    case "sealing":
      return stay(state);
  }
}

/** What is still wanted after the present recording ends against the wearer's will. */
function wishAfter(state: RecorderState): Wish | null {
  switch (state.kind) {
    case "idle":
    case "pre-event":
      return state.wish;
    case "recording":
      return state.ending === null ? { ...state.wish, continues: state.rec } : null;
    case "sealing":
      return null;
  }
}

/** The `reason` of `recording.stop`. */
function stopReason(why: IdleReason): string {
  return why === "off" ? "shutdown" : why;
}

function begin(rec: string, wish: Wish, from: "ring" | "latest"): Transition {
  return {
    state: { kind: "recording", rec, wish, ending: null },
    commands: [{ do: "begin", rec, wish, from }],
  };
}

function sealing(rec: string, reason: string): Transition {
  return { state: { kind: "sealing", rec }, commands: [{ do: "seal", rec, reason }] };
}

function stay(state: RecorderState): Transition {
  return { state, commands: [] };
}
