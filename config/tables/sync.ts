import { isIP } from "node:net";
import * as v from "valibot";
import {
  address,
  choice,
  hostAndPort,
  listOf,
  pathFrom,
  pattern,
  table,
  text,
  vkey,
  wholeNumber,
} from "../fields.ts";

/** How to reach the broker: `[sync]` of a device and of a receiver. */

const DAY_MS = 86_400_000;

const word = () => pattern(/^[A-Za-z0-9_-]{1,64}$/, "a word of letters, digits, _ and -, at most 64 long");

/** How to reach a broker: the same keys for everyone who connects. */
function brokerAccess(baseDir: string) {
  return {
    url: address(["mqtt", "mqtts"]),
    protocol: v.optional(choice([4, 5]), 4),
    username: v.exactOptional(text()),
    password_file: v.exactOptional(pathFrom(baseDir)),
    ca_file: v.exactOptional(pathFrom(baseDir)),
    cert_file: v.exactOptional(pathFrom(baseDir)),
    key_file: v.exactOptional(pathFrom(baseDir)),
    keepalive_s: v.optional(wholeNumber(10, 3600), 60),
  };
}

/** What may go over one kind of network: `[[sync.network]]`. */
function network() {
  const window = pattern(
    /^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/,
    "a time of day from-to, such as 18:00-06:00",
  );
  return table({
    name: networkName(),
    interface: v.exactOptional(pattern(/^[A-Za-z0-9_.*?-]{1,32}$/, "the name of an interface, with * and ?")),
    gateway: v.exactOptional(router()),
    media: v.optional(choice(["none", "marked", "linked", "all"]), "all"),
    rate_bytes_s: v.optional(wholeNumber(0, 1e10), 0),
    daily_bytes: v.optional(wholeNumber(0, 1e14), 0),
    hours: v.optional(listOf(window, 8), []),
  });
}

/** Volumes are kept under it in an object: what every object has by itself is no name. */
function networkName() {
  return v.pipe(
    word(),
    v.check(
      (name) => !(name in {}) && name !== "prototype",
      "another name: JavaScript has its own use for this one",
    ),
  );
}

/** An address without a zone, which `interface` says. */
function router() {
  const allowed = "an IPv4 or IPv6 address, without %zone";
  return v.pipe(
    v.string(allowed),
    v.check((text) => isIP(text) !== 0 && !text.includes("%"), allowed),
  );
}

export function deviceSync(baseDir: string) {
  return v.pipe(
    table({
      ...brokerAccess(baseDir),
      shard: shard(),
      health_ms: v.optional(wholeNumber(1000, DAY_MS), 30_000),
      order: v.optional(
        listOf(choice(["documents", "linked", "marked", "activities", "newest", "oldest"]), 6),
        ["documents", "linked", "marked", "activities", "newest"],
      ),
      network: v.optional(
        v.pipe(v.array(network(), "a list of tables"), v.maxLength(16, "at most 16 tables")),
        [],
      ),
      witness: v.optional(listOf(vkey(), 16), []),
      custody: v.optional(listOf(vkey(), 16), []),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (dataset.typed) accessFaults(dataset.value).forEach(addIssue);
    }),
  );
}

export function receiverSync(baseDir: string) {
  return v.pipe(
    table({ ...brokerAccess(baseDir), shard: shard() }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (dataset.typed) accessFaults(dataset.value).forEach(addIssue);
    }),
  );
}

/** A platform's broker, in which no devices of ours meet: `[share.broker]`. */
export function platformBroker(baseDir: string) {
  return v.pipe(
    table({
      ...brokerAccess(baseDir),
      client_id: v.optional(pattern(/^[A-Za-z0-9_-]{1,64}$/, "letters, digits, _ and -"), "fulltrace-share"),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (dataset.typed) accessFaults(dataset.value).forEach(addIssue);
    }),
  );
}

function shard() {
  return v.optional(word(), "main");
}

interface Access {
  url: string;
  username?: string;
  password_file?: string;
  ca_file?: string;
  cert_file?: string;
  key_file?: string;
}

/** What the keys of a broker's access demand of each other. */
function accessFaults(own: Access): v.RawCheckIssueInfo<Access>[] {
  const faults: [keyof Access, string][] = [];
  if (!passwordHasUser(own)) faults.push(["password_file", "only together with username"]);
  if (own.cert_file !== undefined && own.key_file === undefined)
    faults.push(["cert_file", "only together with key_file"]);
  if (own.key_file !== undefined && own.cert_file === undefined)
    faults.push(["key_file", "only together with cert_file"]);
  const tls = own.ca_file ?? own.cert_file;
  if (tls !== undefined && !own.url.startsWith("mqtts:")) {
    faults.push(["url", "mqtts://, since ca_file or cert_file is set"]);
  }
  return faults.map(([key, message]) => ({
    message,
    input: own[key],
    path: [{ type: "object", origin: "value", input: { ...own }, key, value: own[key] }],
  }));
}

export function passwordHasUser(own: { username?: string; password_file?: string }): boolean {
  return own.password_file === undefined || own.username !== undefined;
}

/** The broker inside this program: `[broker]`. */
export function broker(baseDir: string) {
  return v.pipe(
    table({
      listen: v.optional(hostAndPort(), "127.0.0.1:1883"),
      cert_file: v.exactOptional(pathFrom(baseDir)),
      key_file: v.exactOptional(pathFrom(baseDir)),
      ca_file: v.exactOptional(pathFrom(baseDir)),
      users_file: v.exactOptional(pathFrom(baseDir)),
    }),
    v.forward(
      v.check(
        (own) => (own.cert_file === undefined) === (own.key_file === undefined),
        "only together with key_file",
      ),
      ["cert_file"],
    ),
    v.forward(
      v.check(
        (own) => own.ca_file === undefined || own.cert_file !== undefined,
        "only together with cert_file",
      ),
      ["ca_file"],
    ),
  );
}
