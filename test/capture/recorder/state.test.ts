import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type RecorderEvent, type RecorderState, transition } from "../../../capture/recorder/state.ts";

const WISH = { trigger: "button", wearer: "007001" };

/** Lives through the events and tells what was done, as `begin a` and `seal a (reason)`. */
function live(...events: RecorderEvent[]): { state: RecorderState; done: string[] } {
  let state: RecorderState = { kind: "idle", why: "starting", wish: null };
  const done: string[] = [];
  for (const event of events) {
    const next = transition(state, event);
    state = next.state;
    for (const command of next.commands) {
      const { rec } = command;
      done.push(
        command.do === "seal"
          ? `seal ${rec} (${command.reason})`
          : `begin ${rec} from ${command.from}${command.wish.continues ? ` after ${command.wish.continues}` : ""}`,
      );
    }
  }
  return { state, done };
}

const fragment = (toUs: number, rec = "never"): RecorderEvent => ({ type: "fragment", toUs, rec });
const record = (rec: string, ready = true): RecorderEvent => ({ type: "record", wish: WISH, ready, rec });
const stop = (atUs: number): RecorderEvent => ({ type: "stop", reason: "button", atUs });
const down = (why: Extract<RecorderEvent, { type: "camera-down" }>["why"]): RecorderEvent => ({
  type: "camera-down",
  why,
});

describe("a recorder", () => {
  it("waits in the pre-event buffer, records, seals, and waits again", () => {
    const { state, done } = live(
      fragment(500_000),
      record("a"),
      fragment(1_000_000),
      stop(1_200_000),
      fragment(1_500_000),
      { type: "sealed", rec: "a" },
    );
    assert.deepEqual(done, ["begin a from ring", "seal a (button)"]);
    assert.deepEqual(state, { kind: "pre-event", wish: null, way: "clear" });
  });

  it("records through the post-event time, and on if the button is pressed in it", () => {
    const untilStop = [fragment(0), record("a"), stop(5_000_000), fragment(4_999_999)];
    assert.deepEqual(live(...untilStop).done, ["begin a from ring"]);
    assert.deepEqual(live(...untilStop, fragment(5_000_000)).done, ["begin a from ring", "seal a (button)"]);
    assert.deepEqual(live(...untilStop, stop(9_000_000), fragment(5_000_000)).done.length, 2);
    assert.deepEqual(live(...untilStop, record("b"), fragment(9_000_000)).done, ["begin a from ring"]);
  });

  it("that loses its camera goes on in a new recording", () => {
    const lost = live(fragment(0), record("a"), down("camera-lost"));
    assert.deepEqual(lost.state, { kind: "idle", why: "camera-lost", wish: { ...WISH, continues: "a" } });
    const back = live(fragment(0), record("a"), down("camera-lost"), fragment(500_000, "b"));
    assert.deepEqual(back.done, ["begin a from ring", "seal a (camera-lost)", "begin b from latest after a"]);
  });

  it("goes on only if the wearer still wants to", () => {
    const stopped = live(fragment(0), record("a"), down("camera-lost"), stop(0), fragment(500_000, "b"));
    assert.deepEqual(stopped.done, ["begin a from ring", "seal a (camera-lost)"]);
    const stopping = live(
      fragment(0),
      record("a"),
      stop(9_000_000),
      down("camera-lost"),
      fragment(500_000, "b"),
    );
    assert.deepEqual(stopping.done, ["begin a from ring", "seal a (button)"]);
  });

  it("begins when there is something to begin with", () => {
    assert.deepEqual(live(record("a"), fragment(500_000, "b")).done, ["begin b from latest"]);
    assert.deepEqual(live(fragment(0), record("a", false), fragment(500_000, "b")).done, [
      "begin b from latest",
    ]);
  });

  it("does not go on after the end of its source or a shutdown", () => {
    for (const why of ["source-ended", "off"] as const) {
      const ended = live(fragment(0), record("a"), down(why));
      assert.deepEqual(ended.state, { kind: "idle", why, wish: null });
      assert.deepEqual(ended.done, ["begin a from ring", `seal a (${why === "off" ? "shutdown" : why})`]);
      assert.deepEqual(live(down(why), record("a"), fragment(0, "b")).done, []);
    }
  });

  it("splits a long recording without a hole", () => {
    const { done } = live(
      fragment(0),
      record("a"),
      { type: "split", reason: "max-length" },
      fragment(500_000, "b"),
    );
    assert.deepEqual(done, ["begin a from ring", "seal a (max-length)", "begin b from latest after a"]);
  });

  it("waits for a writer that is behind", () => {
    const behind = live(fragment(0), record("a"), { type: "overload" }, fragment(500_000, "b"));
    assert.deepEqual(behind.done, ["begin a from ring", "seal a (overload)"]);
    const relieved = live(
      ...[fragment(0), record("a"), { type: "overload" } as const, fragment(500_000, "b")],
      ...[{ type: "caught-up" } as const, fragment(1_000_000, "c")],
    );
    assert.equal(relieved.done.at(-1), "begin c from latest after a");
  });

  it("waits for a writer that refuses until it may be tried again, or the button is pressed", () => {
    const refused = [
      ...[fragment(0), record("a"), { type: "refused", rec: "a", reason: "disk-full" } as const],
      ...[fragment(500_000, "b"), { type: "caught-up" } as const, fragment(1_000_000, "c")],
    ];
    const sealed = ["begin a from ring", "seal a (disk-full)"];
    assert.deepEqual(live(...refused).done, sealed);
    const retry = (ready: boolean): RecorderEvent => ({ type: "retry", ready, rec: "d" });
    assert.deepEqual(live(...refused, retry(true)).done, [...sealed, "begin d from ring after a"]);
    const bare = live(...refused, retry(false), fragment(1_500_000, "e"));
    assert.deepEqual(bare.done, [...sealed, "begin e from latest after a"]);
    assert.deepEqual(live(...refused, record("d")).done, [...sealed, "begin d from ring after a"]);
    const stopped = live(...refused, stop(0), retry(true), fragment(1_500_000, "e"));
    assert.deepEqual(stopped.done, sealed);
  });

  it("that refuses the end of a stopped recording is not asked for another", () => {
    const { state, done } = live(
      ...[fragment(0), record("a"), stop(0), fragment(500_000)],
      ...[{ type: "refused", rec: "a", reason: "disk-full" } as const, fragment(1_000_000, "b")],
    );
    assert.deepEqual(done, ["begin a from ring", "seal a (button)"]);
    assert.equal(state.kind, "sealing");
  });

  it("records again while the last recording is still being sealed", () => {
    const { state, done } = live(
      ...[fragment(0), record("a"), stop(0), fragment(500_000), record("b")],
      ...[{ type: "sealed", rec: "a" } as const],
    );
    assert.deepEqual(done, ["begin a from ring", "seal a (button)", "begin b from ring"]);
    assert.equal(state.kind, "recording");
  });

  it("never has two recordings open, and seals each one once, whatever happens", () => {
    const ids = fc.nat(1e9).map(String);
    const event: fc.Arbitrary<RecorderEvent> = fc.oneof(
      fc.record({ type: fc.constant("fragment" as const), toUs: fc.nat(1e7), rec: ids }),
      fc.record({
        type: fc.constant("camera-down" as const),
        why: fc.constantFrom("camera-lost", "off", "source-ended"),
      }),
      fc.record({
        type: fc.constant("record" as const),
        wish: fc.constant(WISH),
        ready: fc.boolean(),
        rec: ids,
      }),
      fc.record({ type: fc.constant("stop" as const), reason: fc.constant("button"), atUs: fc.nat(1e7) }),
      fc.constant<RecorderEvent>({ type: "refused", rec: "refused", reason: "disk-full" }),
      fc.constantFrom<RecorderEvent>(
        { type: "split", reason: "max-length" },
        { type: "overload" },
        { type: "caught-up" },
        { type: "retry", ready: true, rec: "retried" },
      ),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let open: string | null = null;
        let state: RecorderState = { kind: "idle", why: "starting", wish: null };
        for (const one of events) {
          const next = transition(state, one);
          state = next.state;
          for (const command of next.commands) {
            assert.equal(open, command.do === "begin" ? null : command.rec);
            open = command.do === "begin" ? command.rec : null;
          }
          assert.equal(state.kind === "recording" ? state.rec : null, open);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
