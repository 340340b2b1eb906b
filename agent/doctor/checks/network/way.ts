import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect as connectTcp, isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { TLSSocket } from "node:tls";
import { systemClock } from "../../../../config/base/clock.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { type BrokerConfig, brokerAddress, openSocket } from "../../../../sync/link/broker-config.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { networkWords as words } from "../../../cli/text/doctor/network.ts";
import { type Check, type Finding, ok, type Patient, skipped, warn } from "../../check.ts";
import { dateText, endsSoon } from "./validity.ts";

const LIMIT_MS = 10_000;

/** Runs where a broker is configured. */
async function withBroker(
  { config }: Patient,
  look: (broker: BrokerConfig) => Promise<Finding>,
): Promise<Finding> {
  return config.sync === undefined ? skipped(examineWords.notConfigured) : await look(config.sync);
}

const route: Check = {
  id: "route",
  name: words.route,
  why: words.routeWhy,
  next: words.routeNext,
  limitMs: LIMIT_MS,
  run({ config }) {
    const names = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
      addresses?.some(({ internal }) => !internal) === true ? [name] : [],
    );
    if (names.length > 0) return ok(words.routeSeen, { names: names.join(", ") });
    const isLocal = config.sync !== undefined && isLoopback(brokerAddress(config.sync.url).host);
    return (isLocal ? ok : warn)(words.routeNone);
  },
};

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

const dns: Check = {
  id: "dns",
  name: words.dns,
  why: words.dnsWhy,
  next: words.dnsNext,
  limitMs: LIMIT_MS,
  run: (patient) =>
    withBroker(patient, async ({ url }) => {
      const { host } = brokerAddress(url);
      if (isIP(host) !== 0) return ok(words.dnsAddress, { host });
      const found = await lookup(host, { all: true });
      return ok(words.dnsSeen, { host, addresses: found.map(({ address }) => address).join(", ") });
    }),
};

const tcp: Check = {
  id: "tcp",
  name: words.tcp,
  why: words.tcpWhy,
  next: words.tcpNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    withBroker(patient, async ({ url }) => {
      const { host, port } = brokerAddress(url);
      const startUs = systemClock.monoUs();
      const socket = connectTcp({ host, port });
      try {
        await once(socket, "connect", { signal });
        const ms = Math.ceil((systemClock.monoUs() - startUs) / 1000);
        return ok(words.tcpSeen, { place: `${host}:${port}`, ms });
      } finally {
        socket.destroy();
      }
    }),
};

const tls: Check = {
  id: "tls",
  name: words.tls,
  why: words.tlsWhy,
  next: words.tlsNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    withBroker(patient, async (broker) => {
      const { isTls, host } = brokerAddress(broker.url);
      if (!isTls) return (isLoopback(host) ? ok : warn)(words.tlsNone);
      const socket = openSocket(broker) as TLSSocket;
      try {
        await once(socket, "secureConnect", { signal });
        return certificateOf(socket);
      } catch (cause) {
        throw new AgentError("tls-failed", (cause as Error).message, { cause });
      } finally {
        socket.destroy();
      }
    }),
};

function certificateOf(socket: TLSSocket): Finding {
  const certificate = socket.getPeerCertificate(true);
  let length = 1;
  for (let at = certificate; at.issuerCertificate !== undefined && at.issuerCertificate !== at; length++)
    at = at.issuerCertificate;
  const untilMs = Date.parse(certificate.valid_to);
  const values = {
    subject: String(certificate.subject.CN ?? certificate.subjectaltname ?? "?"),
    issuer: String(certificate.issuer.CN ?? certificate.issuer.O ?? "?"),
    length,
    until: dateText(untilMs),
  };
  return (endsSoon(untilMs) ? warn : ok)(words.tlsSeen, values);
}

export const WAY_CHECKS: readonly Check[] = [route, dns, tcp, tls];
