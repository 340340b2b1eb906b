import assert from "node:assert/strict";
import { test } from "node:test";
import { Office } from "../support/agents/office.ts";
import { bodiesOf } from "../support/ledger/bodies.ts";
import { PluggedBoard } from "../support/serial/serial-devices.ts";

const WAIT_MS = 60_000;
/** Addresses for documentation, RFC 5737: nobody answers, as before a network is up. */
const NOBODY = "mqtt://192.0.2.1:1883";

/** A recorder with a control board, whose broker cannot be reached. */
async function offline(
  t: Parameters<typeof Office.open>[0],
): Promise<{ office: Office; board: PluggedBoard }> {
  const office = await Office.open(t);
  const board = await PluggedBoard.open(t);
  office.useBrokers(NOBODY, NOBODY);
  office.configure("board", { device: board.path });
  return { office, board };
}

test("the pre-event buffer fills and a button records before there is any network", async (t) => {
  const { office, board } = await offline(t);
  const { recorder, layout } = office;
  await recorder.start();
  const { recording, sync } = await recorder.waitFor(
    (status) => (status.recording?.pre_event_ms ?? 0) >= 1000,
    WAIT_MS,
  );
  assert.equal(recording?.state, "pre-event");
  assert.equal(sync?.connected, false);
  board.device.press("record", "short");
  await recorder.waitFor((status) => (status.recording?.chunks ?? 0) > 0, WAIT_MS);
  await recorder.stop();
  const [start] = bodiesOf(layout.recorder).filter(({ type }) => type === "recording.start");
  assert.equal(start?.trigger, "button");
  assert.ok((start?.pre_event_ms as number) >= 1000, "what was before the press is in the recording");
});

test("a button pressed while the recorder still starts begins the recording with the first picture", async (t) => {
  const { office, board } = await offline(t);
  const { recorder, layout } = office;
  board.device.press("record", "long");
  const startMs = performance.now();
  await recorder.start();
  await recorder.waitFor((status) => (status.recording?.chunks ?? 0) > 0, WAIT_MS);
  t.diagnostic(`first signed chunk ${Math.round(performance.now() - startMs)} ms after the start`);
  await recorder.stop();
  const written = bodiesOf(layout.recorder);
  const [start] = written.filter(({ type }) => type === "recording.start");
  assert.equal(start?.trigger, "button");
  const types = written.map(({ type }) => type);
  assert.ok(types.indexOf("recording.chunk") > types.indexOf("recording.start"));
});
