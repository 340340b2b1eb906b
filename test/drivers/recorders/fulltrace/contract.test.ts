import { createSocket } from "node:dgram";
import { once } from "node:events";
import { Counters } from "../../../../config/base/counters.ts";
import { openFulltrace } from "../../../../drivers/recorders/fulltrace/fulltrace.ts";
import { encodeAnswer, parseAsk } from "../../../../drivers/recorders/fulltrace/wire.ts";
import { going } from "../../../contract/recorder/calls.ts";
import type { MakeRecorder } from "../../../contract/recorder/under-test.ts";
import { recorderDriverContract } from "../../../contract/recorder-driver.ts";
import { quietStatus } from "../../../support/recorders/docking-status.ts";
import { seededRandom } from "../../../support/surroundings.ts";

const DEV = "0123456789abcdef0123456789abcdef";
const UTC_MS = Date.UTC(2026, 10, 23, 9, 30, 20);

const docked: MakeRecorder = async () => {
  let isPlugged = true;
  let isHanging = false;
  const recorder = createSocket("udp4").bind(0, "127.0.0.1");
  await once(recorder, "listening");
  recorder.on("message", (datagram, from) => {
    const nonce = parseAsk(datagram);
    if (nonce === null || isHanging || !isPlugged) return;
    const answer = encodeAnswer(
      nonce,
      quietStatus(DEV, { battery_pct: 50, utc_ms: UTC_MS, clock_src: "rtc" }),
    );
    recorder.send(answer, from.port, from.address);
  });
  const address = { host: "127.0.0.1", port: recorder.address().port };
  const open = () =>
    openFulltrace(
      {
        at: { kind: "address", address, isThere: () => isPlugged },
        random: seededRandom("contract"),
        counters: new Counters(),
        timeoutMs: 2_000,
      },
      going(),
    );
  return {
    driver: await open(),
    clockMs: () => UTC_MS,
    hang: () => {
      isHanging = true;
    },
    unplug: () => {
      isPlugged = false;
    },
    replug: () => {
      isPlugged = true;
      return open();
    },
    dispose: () => new Promise<void>((resolve) => recorder.close(() => resolve())),
  };
};

recorderDriverContract("fulltrace", docked);
