import * as v from "valibot";
import { writtenText } from "./text.ts";

/** What a recorder or a dock offers on the control socket for the text half of the record. */

export const uuid = () =>
  v.pipe(v.string(), v.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "a lower-case UUID"));
const seq = () => v.pipe(v.number(), v.integer(), v.minValue(0));
const by = { by: v.exactOptional(writtenText(128)) };

/** So much of a document goes into one request, which has at most 64 KiB. */
export const MAX_PART_BYTES = 45_000;
const MAX_PART_TEXT = (MAX_PART_BYTES / 3) * 4;

export const activityParams = {
  "activity.open": v.strictObject({
    kind: writtenText(64),
    title: writtenText(512),
    place: v.exactOptional(writtenText(512)),
    officers: v.pipe(v.array(writtenText(64)), v.maxLength(64)),
    case_no: v.exactOptional(writtenText(128)),
    template: v.exactOptional(writtenText(64)),
  }),
  "activity.note": v.strictObject({
    activity: uuid(),
    text: writtenText(8192),
    stage: v.exactOptional(writtenText(64)),
    corrects: v.exactOptional(seq()),
    ...by,
  }),
  "activity.link": v.strictObject({
    activity: uuid(),
    rec: uuid(),
    stage: v.exactOptional(writtenText(64)),
    basis: v.picklist(["stated", "overlap"]),
    /** Where it stands, if not in this agent's ledger. */
    ledger: v.exactOptional(
      v.pipe(
        v.strictObject({
          dev: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
          seq: v.exactOptional(seq()),
          leaf: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
        }),
        v.check((own) => (own.seq === undefined) === (own.leaf === undefined), "seq and leaf, or neither"),
      ),
    ),
    ...by,
  }),
  "activity.unlink": v.strictObject({ activity: uuid(), rec: uuid(), reason: writtenText(512), ...by }),
  "activity.dispute": v.strictObject({ activity: uuid(), text: writtenText(8192), ...by }),
  /** Announces a document of so many bytes; its parts and `activity.attach` follow. */
  "document.begin": v.strictObject({ bytes: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  "document.part": v.strictObject({
    document: uuid(),
    /** Base64. */
    data: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PART_TEXT), v.base64()),
  }),
  "activity.attach": v.strictObject({
    activity: uuid(),
    document: uuid(),
    stage: writtenText(64),
    name: writtenText(512),
    mime: writtenText(128),
    answers: v.exactOptional(writtenText(64)),
    ...by,
  }),
  "activity.close": v.strictObject({
    activity: uuid(),
    outcome: writtenText(512),
    /** Why, although something is missing. */
    reason: v.exactOptional(writtenText(2048)),
  }),
};

interface Written {
  /** Of the entry. */
  seq: number;
}

export interface ActivityResults {
  "activity.open": { activity: string };
  "activity.note": Written;
  "activity.link": Written;
  "activity.unlink": Written;
  "activity.dispute": Written;
  "document.begin": { document: string };
  "document.part": { received: number };
  "activity.attach": Written & { digest: string; bytes: number };
  "activity.close": Written;
}
