import * as v from "valibot";
import { address, choice, listOf, pattern, table, text, trueOrFalse } from "../fields.ts";
import { platformBroker } from "./sync.ts";

/** What a platform is told of activities, and by which names: `[share]`. */

/** Our names of all that is told; `docs/sharing.md` says what each is. */
export const SHARED_FIELDS = [
  "activity",
  "unit",
  "kind",
  "title",
  "place",
  "officers",
  "case_no",
  "template",
  "template_digest",
  "opened_ms",
  "state",
  "disputed",
  "documents",
  "recordings",
  "notes",
  "closed_ms",
  "outcome",
  "missing",
  "reason",
  "seq",
  "leaf",
  "stage",
  "name",
  "mime",
  "answers",
  "by",
  "attached_ms",
  "digest",
  "bytes",
  "sealed",
  "corrected_by",
  "rec",
  "dev",
  "basis",
  "stages",
  "origin",
  "wearer",
  "started_ms",
  "ended_ms",
  "duration_ms",
  "chunks",
  "start_seq",
  "start_leaf",
  "stop_seq",
  "stop_leaf",
  "file_digest",
  "fetch",
] as const;
export type SharedField = (typeof SHARED_FIELDS)[number];

const platformName = () =>
  pattern(/^[\p{L}_][\p{L}\p{N}_.-]{0,63}$/u, "a name of letters, digits, _ . and -, at most 64 long");

/** A table of free keys, as pairs: keys of a platform are kept as they are spelled. */
function pairs<const Value extends v.GenericSchema>(key: RegExp, keys: string, value: Value) {
  const allowed = `a table whose keys are ${keys}`;
  return v.pipe(
    v.record(pattern(key, keys), value, allowed),
    v.check((own) => Object.keys(own).length <= 1024, `${allowed}, at most 1024 of them`),
    v.transform((own) => Object.entries(own).map(([from, to]) => ({ from, to }))),
  );
}

export function share(baseDir: string) {
  return v.pipe(
    table({
      broker: v.exactOptional(platformBroker(baseDir)),
      prefix: v.optional(
        pattern(
          /^[A-Za-z0-9_-]{1,64}(\/[A-Za-z0-9_-]{1,64}){0,7}$/,
          "words of letters, digits, _ and -, with / between",
        ),
        "fulltrace-share",
      ),
      times: v.optional(choice(["ms", "rfc3339"]), "ms"),
      only_listed_kinds: v.optional(trueOrFalse(), false),
      only_listed_units: v.optional(trueOrFalse(), false),
      leave_out: v.optional(listOf(choice(SHARED_FIELDS), SHARED_FIELDS.length), []),
      fetch: v.exactOptional(fetchAddress()),
      fields: v.optional(pairs(/^[a-z_]{1,32}$/, "our field names", platformName()), {}),
      kinds: v.optional(pairs(/^\P{Cc}{1,64}$/u, "our kinds", text(64)), {}),
      units: v.optional(pairs(/^[0-9a-f]{32}$/, "device ids", text(64)), {}),
      constants: v.optional(
        pairs(/^[\p{L}_][\p{L}\p{N}_.-]{0,63}$/u, "names of the platform", constant()),
        {},
      ),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const message of nameFaults(dataset.value)) addIssue({ message, input: dataset.value });
    }),
  );
}

function fetchAddress() {
  const allowed = "https://host/…, with {dev}, {activity} and {digest} where they belong";
  return v.pipe(address(["https"]), v.regex(/\{digest\}/, allowed));
}

function constant() {
  return v.union(
    [text(256), v.pipe(v.number(), v.safeInteger()), v.boolean()],
    "text, a whole number, true or false",
  );
}

/** What an exported folder adds to what is told. */
const OF_THE_FOLDER = ["file", "photos"];

interface Named {
  leave_out: readonly string[];
  fields: readonly { from: string; to: string }[];
  constants: readonly { from: string }[];
}

/** Two things of one name would leave the platform with one of them. */
function nameFaults({ leave_out: leftOut, fields, constants }: Named): string[] {
  const unknown = fields.filter(({ from }) => !(SHARED_FIELDS as readonly string[]).includes(from));
  if (unknown.length > 0)
    return unknown.map(({ from }) => `fields.${from}: one of ${SHARED_FIELDS.join(", ")}`);
  const renamed = new Map(fields.map(({ from, to }) => [from, to]));
  const names = [
    ...SHARED_FIELDS.filter((field) => !leftOut.includes(field)).map((field) => renamed.get(field) ?? field),
    ...constants.map(({ from }) => from),
    ...OF_THE_FOLDER,
  ];
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))].map(
    (name) => `names that differ: ${name} would be there twice`,
  );
}
