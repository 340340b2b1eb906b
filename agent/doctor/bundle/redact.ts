/** Keys whose text is one of ours: states, codes, choices. */
const OWN_WORDS = new Set([
  "agent",
  "charging",
  "code",
  "id",
  "lang",
  "logLevel",
  "mount",
  "order",
  "role",
  "source",
  "src",
  "state",
  "status",
  "usb",
]);
/** Words of ours look like this; whatever a person wrote may too, but stands under no such key. */
const WORD = /^[a-z0-9][a-z0-9.+-]{0,63}$/;

/**
 * What a stranger may see of a value: its shape, numbers and switches, and texts under keys that hold words of
 * ours alone. Of any other text only the length stays. Keys in a table of free names count as texts too.
 */
export function redact(value: unknown, key = ""): unknown {
  if (typeof value === "string")
    return OWN_WORDS.has(key) && WORD.test(value) ? value : `text of ${value.length}`;
  if (Array.isArray(value)) return value.map((item) => redact(item, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, own], index) => [
      /^[a-z][A-Za-z0-9_:-]{0,63}$/.test(name) ? name : `key ${index}`,
      redact(own, name),
    ]),
  );
}
