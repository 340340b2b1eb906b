import { systemClock } from "../../../../../config/base/clock.ts";
import { systemRandom } from "../../../../../config/base/random.ts";
import { loadConfig } from "../../../../../config/load.ts";
import { brokerLinks } from "../../../../../sync/link/broker-link.ts";
import { KIB } from "../../../../../sync/wire/limits.ts";
import { type BrokerMeasures, measureBroker } from "../../../../probes/broker/measure.ts";
import { deviceIdOf, syncingConfig } from "../../../../probes/broker/own-device.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { pairs } from "../../../face/table.ts";
import { bytesText, microsText, spreadText } from "../../../face/units.ts";
import { brokerWords } from "../../../text/probes/broker.ts";
import { words } from "../../../text/words.ts";
import { untilStopped } from "../../until-stopped.ts";

export interface BrokerTestOptions {
  config: string;
  partKib: number;
  seconds: number;
  json?: boolean;
}

/** Measures the way to the broker beside a running agent; exit 1: what is sent does not come back. */
export async function test(face: Face, options: BrokerTestOptions): Promise<ExitCode> {
  const loaded = loadConfig(options.config);
  face.speak(loaded.lang);
  const config = syncingConfig(loaded);
  const { sync } = config;
  const address = { shard: sync.shard, dev: await deviceIdOf(config) };
  face.progress(face.say(brokerWords.measuring));
  const parts = { openLink: brokerLinks(sync), address, clock: systemClock, random: systemRandom };
  const wishes = { partBytes: options.partKib * KIB, stepMs: options.seconds * 1000 };
  const told = await untilStopped(face, (signal) => measureBroker(parts, wishes, signal));
  if (options.json === true) face.printJson({ url: sync.url, dev: address.dev, ...told });
  else {
    face.print(...pairs(rows(face, sync.url, told)));
    if (told.echo === null) face.print(face.paint("yellow", face.say(brokerWords.noEcho)));
  }
  return told.echo === null ? 1 : 0;
}

function rows(face: Face, url: string, told: BrokerMeasures): [string, string][] {
  const rate = (bytesPerS: number) => `${bytesText(bytesPerS)}/s`;
  return [
    [face.say(words.broker), url],
    [face.say(brokerWords.connected), `${told.connect_ms} ms`],
    [face.say(brokerWords.roundTrip), spreadText(told.round_trip, microsText)],
    [face.say(brokerWords.echo), spreadText(told.echo, microsText)],
    ...told.windows.map(({ parts, sent, bytes_per_s: bytesPerS }): [string, string] => [
      face.say(brokerWords.window, { parts }),
      face.say(brokerWords.windowText, { rate: rate(bytesPerS), sent, size: bytesText(told.part_bytes) }),
    ]),
    [
      face.say(brokerWords.saturated),
      face.say(brokerWords.saturatedText, { parts: told.saturating_parts, rate: rate(told.bytes_per_s) }),
    ],
  ];
}
