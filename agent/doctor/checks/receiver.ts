import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../config/base/clock.ts";
import type { DockConfig, RecorderConfig } from "../../../config/schema.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { brokerLinks } from "../../../sync/link/broker-link.ts";
import type { Link } from "../../../sync/link/link.ts";
import { encodeHello, parseHave } from "../../../sync/wire/messages.ts";
import { downFilter, upTopic } from "../../../sync/wire/topics.ts";
import { examineWords } from "../../cli/text/doctor/examine.ts";
import { networkWords as words } from "../../cli/text/doctor/network.ts";
import { AGENT_VERSION } from "../../version.ts";
import { type Check, type Finding, fail, ok, type Patient, skipped, warn } from "../check.ts";

const LIMIT_MS = 20_000;
const ANSWER_MS = 10_000;
const MAX_INBOUND_BYTES = 256 * 1024;

type DeviceConfig = RecorderConfig | DockConfig;

/** A session beside the agent's: another client id, so that the broker puts nobody out. */
async function openBeside(config: DeviceConfig, dev: string, signal: AbortSignal): Promise<Link> {
  const { sync } = config;
  if (sync === undefined) throw new TypeError("no sync");
  const session = {
    clientId: `doctor-${randomUUID().slice(0, 13)}`,
    subscriptions: [downFilter({ shard: sync.shard, dev })],
    maxInboundBytes: MAX_INBOUND_BYTES,
  };
  return await brokerLinks(sync)(session, signal);
}

/** Runs for a device that has a ledger and a broker, and whose agent does not run: that one is asked instead. */
async function asDevice(
  { config, live }: Patient,
  ofLive: (sync: NonNullable<NonNullable<Patient["live"]>["sync"]>) => Finding,
  look: (config: DeviceConfig, reader: LedgerReader) => Promise<Finding>,
): Promise<Finding> {
  if (config.role === "receiver") return skipped(examineWords.notThisRole);
  if (config.sync === undefined) return skipped(examineWords.notConfigured);
  if (live?.sync !== undefined) return ofLive(live.sync);
  if (!existsSync(join(config.dataDir, "ledger.db"))) return skipped(examineWords.noAgent);
  const reader = LedgerReader.open(config.dataDir);
  try {
    return await look(config, reader);
  } finally {
    reader.close();
  }
}

const mqtt: Check = {
  id: "mqtt",
  name: words.mqtt,
  why: words.mqttWhy,
  next: words.mqttNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    asDevice(
      patient,
      ({ connected }) => (connected ? ok(words.mqttAgent) : fail(words.mqttAgentNot)),
      async (config, { dev }) => {
        const startUs = systemClock.monoUs();
        const link = await openBeside(config, dev, signal);
        await link.close();
        return ok(words.mqttSeen, { ms: Math.ceil((systemClock.monoUs() - startUs) / 1000) });
      },
    ),
};

/** What a hello brought; null: nothing in time. */
async function greet(
  config: DeviceConfig,
  reader: LedgerReader,
  signal: AbortSignal,
): Promise<{ receiver: string; ms: number } | null> {
  const link = await openBeside(config, reader.dev, signal);
  const limit = new AbortController();
  try {
    const nonce = randomUUID();
    const startUs = systemClock.monoUs();
    const answered = new Promise<{ receiver: string; ms: number }>((resolve) => {
      link.deliverTo(({ topic, payload }) => {
        if (!topic.endsWith("/down/have")) return;
        const have = parseHave(payload);
        if (have.re !== nonce) return;
        resolve({ receiver: have.receiver, ms: Math.ceil((systemClock.monoUs() - startUs) / 1000) });
      });
    });
    const address = { shard: config.sync?.shard ?? "", dev: reader.dev };
    const hello = { nonce, agent: AGENT_VERSION, size: reader.size() };
    await link.publish({ topic: upTopic(address, { kind: "hello" }), payload: encodeHello(hello) });
    const late = systemClock.sleep(ANSWER_MS, AbortSignal.any([limit.signal, signal])).then(
      () => null,
      () => null,
    );
    return await Promise.race([answered, late]);
  } finally {
    limit.abort();
    await link.close();
  }
}

/** One hello serves both checks. */
const greetings = new WeakMap<Patient, ReturnType<typeof greet>>();

function greetOnce(
  patient: Patient,
  config: DeviceConfig,
  reader: LedgerReader,
  signal: AbortSignal,
): ReturnType<typeof greet> {
  const known = greetings.get(patient);
  if (known !== undefined) return known;
  const answer = greet(config, reader, signal);
  greetings.set(patient, answer);
  return answer;
}

const acl: Check = {
  id: "acl",
  name: words.acl,
  why: words.aclWhy,
  next: words.aclNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    asDevice(
      patient,
      ({ receiver }) => (receiver === undefined ? warn(words.aclUnknown) : ok(words.aclSeen)),
      async (config, reader) =>
        (await greetOnce(patient, config, reader, signal)) === null
          ? warn(words.aclUnknown)
          : ok(words.aclSeen),
    ),
};

const receiver: Check = {
  id: "receiver",
  name: words.receiver,
  why: words.receiverWhy,
  next: words.receiverNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    asDevice(
      patient,
      ({ receiver: name }) =>
        name === undefined ? fail(words.receiverNone) : ok(words.receiverLive, { name }),
      async (config, reader) => {
        const answer = await greetOnce(patient, config, reader, signal);
        return answer === null
          ? fail(words.receiverNone)
          : ok(words.receiverSeen, { name: answer.receiver, ms: answer.ms });
      },
    ),
};

export const RECEIVER_CHECKS: readonly Check[] = [mqtt, acl, receiver];
