import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { JsonObject } from "../../crypto/bytes/canonical.ts";
import { MediaStore } from "../../crypto/media/store.ts";
import { Office } from "../support/agents/office.ts";
import { bodiesOf } from "../support/ledger/bodies.ts";
import { PluggedBoard, PluggedGnss } from "../support/serial/serial-devices.ts";
import { eventually } from "../support/waiting.ts";

const WAIT_MS = 60_000;
const RED = "255,0,0 1000";

test("a wearer's day: buttons, lamps, photo, position, an unplugged board, and the power that goes", async (t) => {
  const office = await Office.open(t);
  const [plugged, gnss] = await Promise.all([PluggedBoard.open(t), PluggedGnss.open(t)]);
  office.configure("board", { device: plugged.path, watchdog_s: 30 });
  office.configure("gnss", { device: gnss.path });
  office.configure("recording", { wearer: "007001" });
  office.configure("ledger", { heartbeat_ms: 1000 });
  // the most that can be logged
  office.configureTop({ log_level: "trace" });
  const log = join(office.layout.root, "recorder.log");
  const { recorder, layout } = office;
  await recorder.start();
  await recorder.waitFor(
    ({ board, gnss, recording }) =>
      board?.battery_pct === 80 && gnss?.time === true && (recording?.pre_event_ms ?? 0) > 0,
    WAIT_MS,
  );

  plugged.device.press("record", "short");
  const { recording } = await recorder.waitFor(({ recording }) => recording?.state === "recording", WAIT_MS);
  await eventually("the lamp", () => plugged.lamp === RED);
  plugged.device.press("photo", "short");
  plugged.device.press("sos", "long");
  const isWritten = (wanted: string) => bodiesOf(layout.recorder).some(({ type }) => type === wanted);
  await eventually("photo and marker", () => isWritten("recording.photo") && isWritten("recording.marker"));

  // the board is pulled out while recording, and put back
  await plugged.unplug();
  await recorder.waitFor(({ alarms }) => alarms.some(({ code }) => code === "board-lost"), WAIT_MS);
  plugged.sights.length = 0;
  await plugged.plug();
  await recorder.waitFor(
    ({ alarms, board }) => board?.connected === true && !alarms.some(({ code }) => code === "board-lost"),
    WAIT_MS,
  );
  await eventually("the lamp again", () => plugged.lamp === RED);
  await recorder.waitFor(({ recording }) => (recording?.media_ms ?? 0) >= 5000, WAIT_MS);

  const secondsLeft = 8;
  plugged.device.powerOff(secondsLeft, "switch");
  const tookMs = await recorder.ended(secondsLeft * 1000);
  t.diagnostic(`closed ${tookMs} ms after the power-off notice`);
  await eventually(
    "the power to be cut",
    () => plugged.sights.some(({ kind }) => kind === "power-cut"),
    5000,
  );
  assert.equal(plugged.device.carriedOut.get("power-ready"), 1);

  const written = bodiesOf(layout.recorder);
  const of = (type: string) => written.filter((body) => body.type === type);
  const [start, stop, photo, close] = [
    of("recording.start"),
    of("recording.stop"),
    of("recording.photo"),
    of("ledger.close"),
  ].map(([first]) => first);
  assert.deepEqual([start?.trigger, start?.wearer, start?.rec], ["button", "007001", recording?.rec]);
  assert.equal(of("recording.start").length, 1, "the recording went on without its board");
  assert.equal(stop?.reason, "power-off");
  assert.equal(close?.reason, "power-off");
  assert.deepEqual([photo?.mime, photo?.rec, photo?.by], ["image/jpeg", recording?.rec, "007001"]);
  const jpeg = new MediaStore(layout.recorder).path(photo?.digest as string);
  assert.equal(readFileSync(jpeg).readUInt16BE(0), 0xffd8);
  assert.deepEqual(
    of("recording.marker").map(({ label, by }) => [label, by]),
    [["sos", "007001"]],
  );
  const places = of("recording.chunk").flatMap(({ gnss }) =>
    gnss === undefined ? [] : [gnss as JsonObject],
  );
  assert.ok(places.length >= 2, `${places.length} chunks with a position`);
  assert.deepEqual([places[0]?.lat_e7, places[0]?.lon_e7], [399_043_673, 1_163_918_783]);
  assert.ok(of("device.heartbeat").some(({ battery_pct }) => battery_pct === 80));
  assert.equal((close?.t as JsonObject | undefined)?.src, "gnss");
  assert.equal((await office.verdictOn(layout.recorder)).verdict, "authentic-unwitnessed-tail");
  const logged = readFileSync(log, "utf8");
  assert.match(logged, /button/);
  assert.doesNotMatch(logged, /399043673|3954\.26|1163918783|11623\.51/);
});
