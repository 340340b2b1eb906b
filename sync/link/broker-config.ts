import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { AgentError } from "../../config/base/errors.ts";
import { readNamedFile } from "../../config/base/named-file.ts";
import { readSecret } from "../../config/secret.ts";

/** Where the broker is and how it knows us. Files are read anew for every connection: they may be renewed. */
export interface BrokerConfig {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  url: string;
  /** MQTT 3.1.1 or 5. */
  protocol: 4 | 5;
  keepaliveS: number;
  username?: string;
  /** Its first line is the password. */
  passwordFile?: string;
  /** The only authority trusted for the broker's certificate; without it, the system's are. */
  caFile?: string;
  certFile?: string;
  keyFile?: string;
}

export interface BrokerAddress {
  host: string;
  port: number;
  isTls: boolean;
}

/** Throws `bad-broker-url`. */
export function brokerAddress(url: string): BrokerAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isTls = parsed?.protocol === "mqtts:";
  if (
    parsed === null ||
    !(isTls || parsed.protocol === "mqtt:") ||
    parsed.hostname === "" ||
    parsed.username !== ""
  ) {
    // a password written into it must not reach a log
    throw new AgentError("bad-broker-url", parsed?.host ?? "not a URL", {
      next: "write mqtt://HOST:PORT or mqtts://HOST:PORT",
    });
  }
  const host = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: parsed.port === "" ? (isTls ? 8883 : 1883) : Number(parsed.port), isTls };
}

/** Begins to connect; the socket never delays small packets. Throws `file-unreadable`. */
export function openSocket({ url, caFile, certFile, keyFile }: BrokerConfig): Socket {
  const { host, port, isTls } = brokerAddress(url);
  if (!isTls) return connectTcp({ host, port, noDelay: true });
  const socket = connectTls({
    host,
    port,
    minVersion: "TLSv1.2",
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(caFile === undefined ? {} : { ca: readNamedFile(caFile) }),
    ...(certFile === undefined ? {} : { cert: readNamedFile(certFile) }),
    ...(keyFile === undefined ? {} : { key: readNamedFile(keyFile) }),
  });
  socket.setNoDelay(true);
  return socket;
}

/** The password, if one is configured. Throws what `readSecret` throws. */
export function readPassword({ passwordFile }: BrokerConfig): Buffer | undefined {
  return passwordFile === undefined ? undefined : Buffer.from(readSecret(passwordFile));
}
