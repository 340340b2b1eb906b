import { resolve } from "node:path";
import * as v from "valibot";
import { nearest } from "./suggest.ts";

/**
 * The kinds of values that a configuration holds. The message of each check is the plain-word list of
 * what is allowed: `load.ts` puts the file, the key and what was found in front of it.
 */

/** Keys that would hold a secret itself. Such values are never echoed. */
export const SECRET_KEY = /(password|passphrase|passwd|secret|token)$/;

/** A table that knows its keys: unknown ones are refused with a suggestion, missing ones say what is allowed. */
export function table<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.strictObject(entries, (issue) => {
    const key = String(issue.path?.at(-1)?.key ?? "");
    if (issue.expected === "never") return unknownKey(key, Object.keys(entries));
    const entry = entries[key];
    if (entry === undefined || issue.received !== "undefined")
      return `found ${issue.received}; allowed: a table`;
    return `missing; allowed: ${allowedIn(entry)}`;
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const file = `${key}_file`;
  if (known.includes(file)) return `a secret never stands here: write it to a file and name that in ${file}`;
  if (SECRET_KEY.test(key)) return "a secret never stands here";
  const near = nearest(key, known);
  return near === null ? `unknown key; allowed: ${known.join(", ")}` : `unknown key; did you mean ${near}?`;
}

/** What a value may be, in the words of its own schema. */
function allowedIn(schema: v.GenericSchema): string {
  const issue = v.safeParse(schema, undefined).issues?.[0];
  return issue === undefined ? "" : issue.message.replace(/^.*allowed: /, "");
}

export function wholeNumber(least: number, most: number) {
  const allowed = `a whole number from ${least} to ${most}`;
  return v.pipe(v.number(allowed), v.integer(allowed), v.minValue(least, allowed), v.maxValue(most, allowed));
}

export function trueOrFalse() {
  return v.boolean("true or false");
}

export function choice<const Options extends readonly (string | number)[]>(options: Options) {
  return v.picklist(options, options.map((option) => JSON.stringify(option)).join(" or "));
}

export function text(mostLetters = 128) {
  const allowed = `text of 1 to ${mostLetters} letters`;
  return v.pipe(
    v.string(allowed),
    v.minLength(1, allowed),
    v.maxLength(mostLetters, allowed),
    v.regex(/^\P{Cc}*$/u, `${allowed}, no control characters`),
  );
}

/** Text of one pattern, `allowed` being the pattern in words. */
export function pattern(form: RegExp, allowed: string) {
  return v.pipe(v.string(allowed), v.regex(form, allowed));
}

/** A group of the machine (group(5)); whoever uses it looks up the name. */
export function groupNameOrNumber() {
  const allowed = "the name or number of a group";
  const named = v.pipe(v.string(allowed), v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/, allowed));
  return v.union([named, wholeNumber(0, 2 ** 32 - 2)], allowed);
}

/** A path; relative ones start from the folder of the configuration file. */
export function pathFrom(baseDir: string) {
  const allowed = "a path";
  return v.pipe(
    v.string(allowed),
    v.minLength(1, allowed),
    v.regex(/^[^\0]*$/, allowed),
    v.transform((path) => resolve(baseDir, path)),
  );
}

/** An address with one of the schemes, a host and no user or password in it. */
export function address(schemes: readonly string[]) {
  const allowed = `an address ${schemes.map((scheme) => `${scheme}://host`).join(" or ")}, without user or password`;
  return v.pipe(
    v.string(allowed),
    v.check((value) => {
      if (!URL.canParse(value)) return false;
      const url = new URL(value);
      const open = url.username === "" && url.password === "";
      return schemes.includes(url.protocol.slice(0, -1)) && url.hostname !== "" && open;
    }, allowed),
  );
}

/** `host:port`, an IPv6 host in brackets. */
export function hostAndPort() {
  const allowed = "host:port, an IPv6 host in brackets";
  return v.pipe(
    v.string(allowed),
    v.check((value) => {
      const match = /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})$/.exec(value);
      return match !== null && Number(match[2]) <= 65535;
    }, allowed),
  );
}

/** A C2SP verifier key as `fulltrace key show` prints it; whoever uses it checks the key inside. */
export function vkey() {
  return pattern(
    /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/u,
    "a key as `fulltrace key show` prints it: name+id+key",
  );
}

/** A list without doubles. */
export function listOf<Item extends v.GenericSchema<string>>(item: Item, most: number) {
  const allowed = `a list of at most ${most} different items, each ${allowedIn(item)}`;
  return v.pipe(
    v.array(item, allowed),
    v.maxLength(most, allowed),
    v.check((items) => new Set(items).size === items.length, allowed),
  );
}
