import { randomUUID } from "node:crypto";
import { systemClock } from "../../../../config/base/clock.ts";
import type { DeviceConfig } from "../../../../config/schema.ts";
import { hasLedger } from "../../../../crypto/ledger/db/ledger-place.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { visitLedger } from "../../../../crypto/ledger/visit.ts";
import { brokerLinks } from "../../../../sync/link/broker-link.ts";
import type { LinkFault } from "../../../../sync/link/keep-linked.ts";
import type { Link } from "../../../../sync/link/link.ts";
import { encodeHello, parseHave } from "../../../../sync/wire/messages.ts";
import { downFilter, upTopic } from "../../../../sync/wire/topics.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { networkWords as words } from "../../../cli/text/doctor/network.ts";
import { AGENT_VERSION } from "../../../version.ts";
import { type Check, type Finding, fail, failedBy, ok, type Patient, skipped, warn } from "../../check.ts";

const LIMIT_MS = 20_000;
const MAX_INBOUND_BYTES = 256 * 1024;

/** A session in the device's own name, as the protocol asks: only where no agent runs, whom the broker would put out. */
async function openInItsName(config: DeviceConfig, dev: string, signal: AbortSignal): Promise<Link> {
  const { sync } = config;
  if (sync === undefined) throw new TypeError("no sync");
  const session = {
    clientId: dev,
    subscriptions: [downFilter({ shard: sync.shard, dev })],
    maxInboundBytes: MAX_INBOUND_BYTES,
  };
  return await brokerLinks(sync)(session, signal);
}

/** Runs for a device that has a ledger and a broker, and whose agent does not run: that one is asked instead. */
async function asDevice(
  { config, live, silence }: Patient,
  ofLive: (sync: NonNullable<NonNullable<Patient["live"]>["sync"]>) => Finding,
  look: (config: DeviceConfig, reader: LedgerReader) => Promise<Finding>,
): Promise<Finding> {
  if (silence !== null) return skipped(examineWords.agentHasIt);
  if (config.role === "receiver") return linkOfReceiver(live);
  if (config.sync === undefined) return skipped(examineWords.notConfigured);
  if (live?.sync !== undefined) return ofLive(live.sync);
  if (!hasLedger(config.dataDir)) return skipped(examineWords.noAgent);
  return await visitLedger(config.dataDir, (reader) => look(config, reader));
}

/** A receiver that is not linked takes nothing from anybody. */
function linkOfReceiver(live: Patient["live"]): Finding {
  if (live?.receiver === undefined) return skipped(examineWords.noAgent);
  return sessionOf(live.receiver.linked, live.receiver.fault);
}

/** What a running agent says of its session, and of why it has none. */
function sessionOf(isLinked: boolean, fault: LinkFault | undefined): Finding {
  if (isLinked) return ok(words.mqttAgent);
  return fault === undefined ? { ...fail(words.mqttAgentNot), next: words.mqttAgentNext } : failedBy(fault);
}

interface Greeting {
  /** From the first SYN to the last SUBACK. */
  openMs: number;
  /** What the receiver said to a hello; null: nothing in time. */
  answer: { receiver: string; ms: number } | null;
}

async function greet(
  config: DeviceConfig,
  reader: LedgerReader,
  answerMs: number,
  signal: AbortSignal,
): Promise<Greeting> {
  const { dev } = reader;
  const size = reader.size();
  const startUs = systemClock.monoUs();
  const link = await openInItsName(config, dev, signal);
  const openMs = msSince(startUs);
  const limit = new AbortController();
  try {
    const nonce = randomUUID();
    const saidUs = systemClock.monoUs();
    const answered = new Promise<Greeting["answer"]>((resolve) => {
      link.deliverTo(({ topic, payload }) => {
        const receiver = topic.endsWith("/down/have") ? answerTo(nonce, payload) : null;
        if (receiver !== null) resolve({ receiver, ms: msSince(saidUs) });
      });
    });
    const topic = upTopic({ shard: config.sync?.shard ?? "", dev }, { kind: "hello" });
    await link.publish({ topic, payload: encodeHello({ nonce, agent: AGENT_VERSION, size }) });
    const late = systemClock.sleep(answerMs, AbortSignal.any([limit.signal, signal])).then(
      () => null,
      () => null,
    );
    return { openMs, answer: await Promise.race([answered, late]) };
  } finally {
    limit.abort();
    await link.close();
  }
}

/** The receiver's name, if this answers the hello; null: it does not, or cannot be read. */
function answerTo(nonce: string, payload: Buffer): string | null {
  try {
    const have = parseHave(payload);
    return have.re === nonce ? have.receiver : null;
  } catch {
    return null;
  }
}

function msSince(startUs: number): number {
  return Math.ceil((systemClock.monoUs() - startUs) / 1000);
}

const greetings = new WeakMap<Patient, Promise<Greeting>>();

/** One session serves all checks: a broker takes one at a time in one name. */
function greetOnce(
  patient: Patient,
  config: DeviceConfig,
  reader: LedgerReader,
  signal: AbortSignal,
): Promise<Greeting> {
  const known = greetings.get(patient);
  if (known !== undefined) return known;
  const greeting = greet(config, reader, patient.answerMs, signal);
  greetings.set(patient, greeting);
  return greeting;
}

/** Without a session its own check says why; the others need not say it again. */
async function greetingOf(...from: Parameters<typeof greetOnce>): Promise<Greeting | null> {
  return await greetOnce(...from).catch(() => null);
}

const UNREACHED: Finding = { ...fail(words.noSession), next: words.sessionFirst };

const mqtt: Check = {
  id: "mqtt",
  name: words.mqtt,
  why: words.mqttWhy,
  next: words.mqttNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    asDevice(
      patient,
      ({ connected, fault }) => sessionOf(connected, fault),
      async (config, reader) => {
        const { openMs: ms } = await greetOnce(patient, config, reader, signal);
        return ok(words.mqttSeen, { ms });
      },
    ),
};

const acl: Check = {
  id: "acl",
  name: words.acl,
  why: words.aclWhy,
  next: words.aclNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    asDevice(
      patient,
      ({ connected, receiver }) => {
        if (!connected) return skipped(words.noSession);
        return receiver === undefined ? warn(words.aclUnknown) : ok(words.aclSeen);
      },
      async (config, reader) => {
        const greeting = await greetingOf(patient, config, reader, signal);
        if (greeting === null) return skipped(words.noSession);
        return greeting.answer === null ? warn(words.aclUnknown) : ok(words.aclSeen);
      },
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
      ({ connected, receiver: name }) => {
        if (name !== undefined) return ok(words.receiverLive, { name });
        return connected ? fail(words.receiverNone) : UNREACHED;
      },
      async (config, reader) => {
        const greeting = await greetingOf(patient, config, reader, signal);
        if (greeting === null) return UNREACHED;
        const { answer } = greeting;
        if (answer === null) return fail(words.receiverNone);
        return ok(words.receiverSeen, { name: answer.receiver, ms: answer.ms });
      },
    ),
};

export const RECEIVER_CHECKS: readonly Check[] = [mqtt, acl, receiver];
