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
  trueOrFalse,
  vkey,
  wholeNumber,
} from "./fields.ts";

/**
 * The one schema of a configuration file: three roles, their tables, bounds and defaults.
 * Keys are snake_case in the file and carry their unit; `docs/configuration.md` explains each.
 */

const GiB = 2 ** 30;
const MiB = 2 ** 20;
const MAX_BYTES = 2 ** 50;
const DAY_MS = 86_400_000;

const pictureSize = () => pattern(/^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}$/, 'a picture size such as "1920x1080"');
const frameRate = () => wholeNumber(1, 120);
const word = () => pattern(/^[A-Za-z0-9_-]{1,64}$/, "a word of letters, digits, _ and -, at most 64 long");

/** What every role has. */
function common(baseDir: string) {
  return {
    data_dir: pathFrom(baseDir),
    lang: v.exactOptional(choice(["zh", "en"])),
    log_level: v.optional(choice(["trace", "debug", "info", "warn", "error", "fatal"]), "info"),
  };
}

function device() {
  return table({ model: text(64), serial: text(64) });
}

function camera(baseDir: string) {
  return v.variant(
    "source",
    [
      table({
        source: v.literal("v4l2"),
        device: v.optional(pathFrom(baseDir), "/dev/video0"),
        format: v.exactOptional(
          pattern(/^[a-z0-9_]{1,32}$/, 'a format of ffmpeg\'s v4l2, such as "h264" or "mjpeg"'),
        ),
        size: v.exactOptional(pictureSize()),
        rate: v.exactOptional(frameRate()),
      }),
      v.pipe(
        table({
          source: v.literal("rtsp"),
          url: address(["rtsp", "rtsps"]),
          username: v.exactOptional(text()),
          password_file: v.exactOptional(pathFrom(baseDir)),
        }),
        v.forward(
          v.check((own) => passwordHasUser(own), "only together with username"),
          ["password_file"],
        ),
      ),
      table({ source: v.literal("file"), path: pathFrom(baseDir) }),
      table({
        source: v.literal("testsrc"),
        size: v.optional(pictureSize(), "1280x720"),
        rate: v.optional(frameRate(), 25),
        keyframe_ms: v.optional(wholeNumber(100, 60_000), 2000),
      }),
    ],
    '"v4l2" or "rtsp" or "file" or "testsrc"',
  );
}

function audio() {
  return table({
    enabled: v.optional(trueOrFalse(), true),
    device: v.exactOptional(text()),
    mutable: v.optional(trueOrFalse(), true),
    pre_event: v.optional(trueOrFalse(), true),
  });
}

function recording() {
  return table({
    chunk_ms: v.optional(wholeNumber(500, 10_000), 2000),
    pre_event_ms: v.optional(wholeNumber(0, 120_000), 30_000),
    post_event_ms: v.optional(wholeNumber(0, 600_000), 0),
    max_ms: v.optional(wholeNumber(10_000, 14_400_000), 14_400_000),
    autostart: v.optional(trueOrFalse(), false),
  });
}

function ledger() {
  return table({
    heartbeat_ms: v.optional(wholeNumber(1000, DAY_MS), 60_000),
    checkpoint_ms: v.optional(wholeNumber(100, 10_000), 10_000),
  });
}

function seal() {
  const recipient = pattern(/^age1[02-9ac-hj-np-z]{58}$/, "an age recipient, age1 and 58 more letters");
  return table({ recipients: v.optional(listOf(recipient, 16), []) });
}

function disk() {
  return v.pipe(
    table({
      keep_days: v.optional(wholeNumber(0, 36_500), 30),
      reserve_bytes: v.optional(wholeNumber(0, MAX_BYTES), 2 * GiB),
      stop_bytes: v.optional(wholeNumber(0, MAX_BYTES), 256 * MiB),
    }),
    v.forward(
      v.check(
        (own) => own.stop_bytes <= own.reserve_bytes,
        "at most reserve_bytes: purging comes before stopping",
      ),
      ["stop_bytes"],
    ),
  );
}

/** How to reach the broker: the same keys for everyone who connects. */
function brokerAccess(baseDir: string) {
  return {
    url: address(["mqtt", "mqtts"]),
    protocol: v.optional(choice([4, 5]), 4),
    shard: v.optional(word(), "main"),
    username: v.exactOptional(text()),
    password_file: v.exactOptional(pathFrom(baseDir)),
    ca_file: v.exactOptional(pathFrom(baseDir)),
    cert_file: v.exactOptional(pathFrom(baseDir)),
    key_file: v.exactOptional(pathFrom(baseDir)),
    keepalive_s: v.optional(wholeNumber(10, 3600), 60),
  };
}

function deviceSync(baseDir: string) {
  return v.pipe(
    table({
      ...brokerAccess(baseDir),
      health_ms: v.optional(wholeNumber(1000, DAY_MS), 30_000),
      order: v.optional(listOf(choice(["documents", "marked", "activities", "newest", "oldest"]), 5), [
        "documents",
        "marked",
        "activities",
        "newest",
      ]),
      witness: v.optional(listOf(vkey(), 16), []),
      custody: v.optional(listOf(vkey(), 16), []),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (dataset.typed) accessFaults(dataset.value).forEach(addIssue);
    }),
  );
}

function receiverSync(baseDir: string) {
  return v.pipe(
    table(brokerAccess(baseDir)),
    v.rawCheck(({ dataset, addIssue }) => {
      if (dataset.typed) accessFaults(dataset.value).forEach(addIssue);
    }),
  );
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

function passwordHasUser(own: { username?: string; password_file?: string }): boolean {
  return own.password_file === undefined || own.username !== undefined;
}

function broker(baseDir: string) {
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

function receiver() {
  return table({
    name: pattern(/^[A-Za-z0-9.-]{1,128}$/, 'a name such as "district.example"'),
    devices: v.optional(listOf(vkey(), 100_000), []),
    other_witnesses: v.optional(listOf(vkey(), 16), []),
    max_open_databases: v.optional(wholeNumber(1, 1024), 64),
    credit_bytes: v.optional(wholeNumber(64 * 1024, 64 * MiB), 8 * MiB),
    queued_bytes: v.optional(wholeNumber(MiB, 4 * GiB), 64 * MiB),
    reserve_bytes: v.optional(wholeNumber(0, MAX_BYTES), 2 * GiB),
  });
}

/** The schema of one file; `baseDir` is where its relative paths start. */
export function configSchema(baseDir: string) {
  return {
    recorder: table({
      role: v.literal("recorder"),
      ...common(baseDir),
      device: device(),
      camera: camera(baseDir),
      audio: v.optional(audio(), {}),
      recording: v.optional(recording(), {}),
      ledger: v.optional(ledger(), {}),
      seal: v.optional(seal(), {}),
      disk: v.optional(disk(), {}),
      sync: v.exactOptional(deviceSync(baseDir)),
    }),
    dock: table({
      role: v.literal("dock"),
      ...common(baseDir),
      device: device(),
      ledger: v.optional(ledger(), {}),
      seal: v.optional(seal(), {}),
      disk: v.optional(disk(), {}),
      sync: v.exactOptional(deviceSync(baseDir)),
      broker: v.exactOptional(broker(baseDir)),
    }),
    receiver: table({
      role: v.literal("receiver"),
      ...common(baseDir),
      receiver: receiver(),
      sync: receiverSync(baseDir),
      broker: v.exactOptional(broker(baseDir)),
    }),
  };
}

type CamelKey<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelKey<Tail>>}`
  : Key;

/** The same value with the keys as the program spells them: `chunk_ms` → `chunkMs`. */
export type Camel<Value> = Value extends readonly (infer Item)[]
  ? Camel<Item>[]
  : Value extends object
    ? { [Key in keyof Value as CamelKey<Key & string>]: Camel<Value[Key]> }
    : Value;

type Schemas = ReturnType<typeof configSchema>;
export type Role = keyof Schemas;
export type RecorderConfig = Camel<v.InferOutput<Schemas["recorder"]>>;
export type DockConfig = Camel<v.InferOutput<Schemas["dock"]>>;
export type ReceiverConfig = Camel<v.InferOutput<Schemas["receiver"]>>;
/** A checked configuration: defaults filled in, paths absolute, discriminated by `role`. */
export type Config = RecorderConfig | DockConfig | ReceiverConfig;
