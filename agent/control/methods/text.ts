import * as v from "valibot";

/** What a person wrote: something that is not blank, of at most so many UTF-16 units. */
export function writtenText(most: number) {
  return v.pipe(
    v.string(),
    v.check((text) => text.trim() !== "", "blank"),
    v.maxLength(most, `longer than ${most} characters`),
  );
}
