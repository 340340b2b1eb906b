import type { Json, JsonObject } from "../../bytes/canonical.ts";
import { isDigestHex } from "../../bytes/digest.ts";
import { RangeSet } from "../../bytes/ranges.ts";

/**
 * The fields of each known type, ledger-format §5. Made by hand and flat: a verifier runs this a million
 * times. Unknown types and unknown extra fields are no fault.
 */

type Test = (value: Json) => boolean;

interface Field {
  name: string;
  isRequired: boolean;
  test: Test;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DEVICE_ID = /^[0-9a-f]{32}$/;
/** A body has at most 16 KiB: no list of ranges in it is longer. */
const MAX_RANGES = 8192;

const text: Test = (value) => typeof value === "string";
const flag: Test = (value) => typeof value === "boolean";
const integer: Test = (value) => typeof value === "number";
const count: Test = (value) => typeof value === "number" && value >= 0;
const positive: Test = (value) => typeof value === "number" && value > 0;
const uuid: Test = (value) => typeof value === "string" && UUID.test(value);
const digest: Test = (value) => typeof value === "string" && isDigestHex(value);
const within =
  (low: number, high: number): Test =>
  (value) =>
    typeof value === "number" && value >= low && value <= high;
const oneOf = (...words: string[]): Test => {
  const allowed = new Set<Json>(words);
  return (value) => allowed.has(value);
};
const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);
const record = (fields: Record<string, Test>): Test => {
  const list = table(fields);
  return (value) => typeof value === "object" && !Array.isArray(value) && faultIn(value, list) === null;
};
const deviceId: Test = (value) => typeof value === "string" && DEVICE_ID.test(value);
const otherLedgerFields = record({ dev: deviceId, "seq?": count, "leaf?": digest });
/** A place in it is stated whole or not at all. */
const otherLedger: Test = (value) =>
  otherLedgerFields(value) && "seq" in (value as JsonObject) === "leaf" in (value as JsonObject);
const ranges: Test = (value) => {
  try {
    RangeSet.parse(value, MAX_RANGES);
    return true;
  } catch {
    return false;
  }
};

/** A name that ends in `?` may be absent. */
function table(fields: Record<string, Test>): Field[] {
  return Object.entries(fields).map(([name, test]) => ({
    name: name.replace("?", ""),
    isRequired: !name.endsWith("?"),
    test,
  }));
}

const media = { digest, bytes: positive, sealed: flag };
/** Bays are numbered in one house and named in another. */
const bay: Test = (value) => typeof value === "string" || typeof value === "number";
const docking = { bay, serial: text, model: text, "wearer?": text, driver: text };
const gapReason = oneOf(
  "camera-lost",
  "encoder-stalled",
  "frames-lost",
  "disk-full",
  "power-loss",
  "muted",
  "overload",
  "unknown",
);

const TABLES = new Map(
  Object.entries({
    "ledger.genesis": {
      key: digest,
      role: oneOf("recorder", "dock"),
      model: text,
      serial: text,
      chunk_ms: positive,
      heartbeat_ms: positive,
      "follows?": record({
        dev: deviceId,
        size: count,
        root: digest,
      }),
    },
    "ledger.epoch": { pub: digest, reason: oneOf("first", "timer", "recording", "boot") },
    "ledger.close": { reason: text },
    "device.boot": { clean: flag, agent: text, config: digest, open: listOf(uuid) },
    "device.clock": { step_ms: integer, src: oneOf("none", "rtc", "ntp", "gnss", "dock") },
    "device.heartbeat": { "battery_pct?": within(0, 100), free_bytes: count, recording: flag },
    "device.update": {
      state: oneOf("ordered", "begun", "refused", "installed", "good", "failed", "fell-back"),
      version: text,
      "from?": text,
      "reason?": text,
      "failing?": listOf(text),
      "order?": digest,
    },
    "device.gap": { reason: gapReason },
    "activity.open": {
      activity: uuid,
      kind: text,
      title: text,
      "place?": text,
      officers: listOf(text),
      "case_no?": text,
      "template?": text,
      "template_digest?": digest,
    },
    "activity.template": { activity: uuid, template: text, mime: text, ...media },
    "activity.document": {
      activity: uuid,
      stage: text,
      name: text,
      mime: text,
      "answers?": text,
      "by?": text,
      ...media,
    },
    "activity.note": { activity: uuid, text, "stage?": text, "corrects?": count, "by?": text },
    "activity.link": {
      activity: uuid,
      rec: uuid,
      "stage?": text,
      basis: oneOf("stated", "overlap"),
      "ledger?": otherLedger,
      "by?": text,
    },
    "activity.unlink": { activity: uuid, rec: uuid, reason: text, "by?": text },
    "activity.dispute": { activity: uuid, text, "by?": text },
    "activity.close": { activity: uuid, outcome: text, "missing?": listOf(text), "reason?": text },
    "inspection.draw": {
      draw: uuid,
      of: oneOf("recordings", "activities"),
      from_ms: integer,
      to_ms: integer,
      rate_n: positive,
      rate_d: positive,
      "at_least?": count,
      from_seq: count,
      to_seq: positive,
      root: digest,
      cosignature: text,
      candidates: count,
      drawn: count,
      list: digest,
      "repeats?": listOf(uuid),
      "by?": text,
      ...media,
    },
    "inspection.result": {
      draw: uuid,
      item: uuid,
      finding: oneOf("in-order", "defect", "note"),
      "defect?": text,
      "text?": text,
      "corrects?": count,
      "by?": text,
    },
    "recording.start": {
      rec: uuid,
      origin: oneOf("live", "import"),
      trigger: text,
      "wearer?": text,
      "activity?": uuid,
      pre_event_ms: count,
      "continues?": uuid,
      tracks: listOf(
        record({ kind: text, codec: text, "width?": positive, "height?": positive, "rate?": positive }),
      ),
      "source?": record({ serial: text, path: text, bytes: count, "modified_ms?": integer }),
    },
    "recording.chunk": { rec: uuid, n: count, ...media },
    "recording.photo": { ...media, mime: text, "rec?": uuid, "at_us?": count, "by?": text },
    "recording.marker": { rec: uuid, at_us: count, label: text, "by?": text },
    "recording.stop": {
      rec: uuid,
      chunks: count,
      bytes: count,
      reason: text,
      "recovered?": flag,
      "file_digest?": digest,
    },
    "dock.attach": docking,
    "dock.detach": { ...docking, reason: text },
    "dock.account": {
      bay,
      serial: text,
      files: count,
      bytes: count,
      imported: count,
      skipped: listOf(record({ path: text, reason: text })),
      wiped: (value) => typeof value === "number" || typeof value === "boolean",
      "fresh?": count,
      "listed?": flag,
      "left_out?": count,
      "inventory?": digest,
    },
    "dock.clock": { bay, serial: text, dock_utc_ms: integer, "offset_ms?": integer, on_time: flag },
    "dock.inventory": { bay, serial: text, mime: text, "disk?": text, ...media },
    "dock.wipe": {
      bay,
      serial: text,
      path: text,
      bytes: count,
      rec: uuid,
      file_digest: digest,
      receipt: digest,
    },
    "dock.doubt": {
      bay,
      serial: text,
      code: oneOf("recorder-twice", "changed-since-import", "other-disk"),
      "other?": text,
      "path?": text,
      "rec?": uuid,
      "found?": digest,
      "disk?": text,
    },
    "custody.receipt": { receipt: digest, receiver: text, size: count },
    "custody.purge": { seqs: ranges, reason: text, policy: text, receipt: digest },
    "custody.export": { package: digest, to: text, seqs: ranges },
  } satisfies Record<string, Record<string, Test>>).map(([type, fields]) => [type, table(fields)] as const),
);

/** What a chunk has beside the fields of every chunk, by the origin of its recording. */
const LIVE_CHUNK = table({
  from_us: count,
  to_us: count,
  key: flag,
  longest_us: count,
  "gnss?": record({
    lat_e7: within(-900_000_000, 900_000_000),
    lon_e7: within(-1_800_000_000, 1_800_000_000),
    "acc_mm?": count,
    age_ms: count,
  }),
});
const IMPORT_CHUNK = table({ offset: count });
const GAP_IN_RECORDING = table({ rec: uuid, from_us: count, to_us: count });
const GAP_OUTSIDE = table({ "after?": uuid, mono_from_us: count, mono_to_us: count });
const SEALED = table({ plain_digest: digest, plain_bytes: count });

/** Name of the first field that is missing or wrong, or null. */
function faultIn(body: JsonObject, fields: readonly Field[]): string | null {
  for (const { name, isRequired, test } of fields) {
    const value = body[name];
    if (value === undefined ? isRequired : !test(value)) return name;
  }
  return null;
}

export function isKnownType(type: string): boolean {
  return TABLES.has(type);
}

/** Name of the first field of an entry that §5 finds missing or wrong, or null; null for unknown types. */
export function faultyField(type: string, body: JsonObject): string | null {
  const fields = TABLES.get(type);
  const fault = fields === undefined ? null : faultIn(body, fields);
  if (fault !== null) return fault;
  if (type === "device.gap") return faultIn(body, body.rec === undefined ? GAP_OUTSIDE : GAP_IN_RECORDING);
  if (type === "recording.start" && body.origin === "import" && body.source === undefined) return "source";
  return body.sealed === true ? faultIn(body, SEALED) : null;
}

/** Name of the first field missing or wrong in a chunk of a recording of this origin, or null. */
export function faultyChunkField(origin: "live" | "import", body: JsonObject): string | null {
  return faultIn(body, origin === "live" ? LIVE_CHUNK : IMPORT_CHUNK);
}

/**
 * Media that an entry of any type names by top-level `digest` and `bytes` (§5). Null: it names none;
 * `"malformed"`: it means to, but no file can answer to it.
 */
export function mediaNamed(body: JsonObject): { digest: string; bytes: number } | "malformed" | null {
  const { digest: name, bytes } = body;
  if (name === undefined || bytes === undefined) return null;
  if (typeof name !== "string" || !isDigestHex(name) || typeof bytes !== "number" || bytes < 1)
    return "malformed";
  return { digest: name, bytes };
}
