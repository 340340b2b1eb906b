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
  /** Pictures go to the ring. A wish begins with the next fragment, or when nothing is in its `way` any more. */
  | { readonly kind: "pre-event"; readonly wish: Wish | null; readonly way: Way }
  /** `ending`: the post-event time runs, until the stream's time reaches `atUs`. */
  | { readonly kind: "recording"; readonly rec: string; readonly wish: Wish; readonly ending: Ending | null }
  /** The last chunk and `recording.stop` are on their way to the disk. */
  | { readonly kind: "sealing"; readonly rec: string };

/** The way to the disk. `behind`: the writer does not keep up; `refused`: it takes no more, the disk is full or broken. */
export type Way = "clear" | "behind" | "refused";

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
  /** The writer does not keep up. */
  | { readonly type: "overload" }
  /** The writer has refused a part of this recording. */
  | { readonly type: "refused"; readonly rec: string; readonly reason: string }
  /** The writer has caught up. */
  | { readonly type: "caught-up" }
  /** What the writer has refused it may take now. `ready`, `rec`: as for `record`. */
  | { readonly type: "retry"; readonly ready: boolean; readonly rec: string }
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
      return state.kind === "recording"
        ? interrupted(state, "clear", state.ending?.reason ?? event.reason)
        : stay(state);
    case "overload":
      return state.kind === "recording" ? interrupted(state, "behind", "overload") : stay(state);
    case "refused":
      return state.kind === "recording" && state.rec === event.rec
        ? interrupted(state, "refused", event.reason)
        : stay(state);
    case "caught-up":
      return stay(state.kind === "pre-event" && state.way === "behind" ? { ...state, way: "clear" } : state);
    case "retry":
      if (state.kind !== "pre-event" || state.way !== "refused") return stay(state);
      return event.ready && state.wish !== null
        ? begin(event.rec, state.wish, "ring")
        : stay({ ...state, way: "clear" });
    case "sealed":
      return stay(state.kind === "sealing" && state.rec === event.rec ? preEvent(null) : state);
  }
}

function onFragment(state: RecorderState, toUs: number, rec: string): Transition {
  switch (state.kind) {
    case "idle":
      return state.wish === null ? stay(preEvent(null)) : begin(rec, state.wish, "latest");
    case "pre-event":
      return state.wish === null || state.way !== "clear" ? stay(state) : begin(rec, state.wish, "latest");
    case "recording":
      return state.ending !== null && toUs >= state.ending.atUs
        ? sealing(state.rec, state.ending.reason)
        : stay(state);
    case "sealing":
      return stay(state);
  }
}

function onCameraDown(state: RecorderState, why: IdleReason): Transition {
  const wish = comesBack(why) ? wishAfter(state) : null;
  const commands: RecorderCommand[] =
    state.kind === "recording"
      ? [{ do: "seal", rec: state.rec, reason: state.ending?.reason ?? stopReason(why) }]
      : [];
  return { state: { kind: "idle", why, wish }, commands };
}

function onRecord(state: RecorderState, event: Extract<RecorderEvent, { type: "record" }>): Transition {
  switch (state.kind) {
    case "idle":
      return stay(comesBack(state.why) ? { ...state, wish: state.wish ?? event.wish } : state);
    case "pre-event":
      // who presses where the writer has refused wants it tried again
      if (event.ready && (state.way === "refused" || (state.way === "clear" && state.wish === null)))
        return begin(event.rec, state.wish ?? event.wish, "ring");
      return stay({ ...state, wish: state.wish ?? event.wish });
    case "recording":
      // pressed again in the post-event time: the recording goes on
      return stay({ ...state, ending: null });
    case "sealing":
      return event.ready ? begin(event.rec, event.wish, "ring") : stay(preEvent(event.wish));
  }
}

function onStop(state: RecorderState, event: Extract<RecorderEvent, { type: "stop" }>): Transition {
  switch (state.kind) {
    case "idle":
    case "pre-event":
      return stay({ ...state, wish: null });
    case "recording":
      // pressed again in the post-event time: the end does not move
      return stay({ ...state, ending: state.ending ?? { reason: event.reason, atUs: event.atUs } });
    case "sealing":
      return stay(state);
  }
}

/** Whether the wearer wants a recording, now or as soon as there can be one. */
export function isWanted(state: RecorderState): boolean {
  switch (state.kind) {
    case "idle":
    case "pre-event":
      return state.wish !== null;
    case "recording":
      return true;
    case "sealing":
      return false;
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

/** Whether a wish may wait: a source that has ended, or was switched off, does not come back to fulfil it. */
function comesBack(why: IdleReason): boolean {
  return why !== "source-ended" && why !== "off";
}

/** The `reason` of `recording.stop`. */
function stopReason(why: IdleReason): string {
  return why === "off" ? "shutdown" : why;
}

/** Against the wearer's will: what follows is a new recording, unless stop was pressed already. */
function interrupted(
  state: Extract<RecorderState, { kind: "recording" }>,
  way: Way,
  reason: string,
): Transition {
  return {
    state: { kind: "pre-event", wish: wishAfter(state), way },
    commands: [{ do: "seal", rec: state.rec, reason }],
  };
}

function preEvent(wish: Wish | null): RecorderState {
  return { kind: "pre-event", wish, way: "clear" };
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
