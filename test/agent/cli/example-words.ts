/** Splits a line of examples as a shell would: blanks separate, quotes hold together, `>` and `|` end it. */
export function wordsIn(line: string): string[] {
  const [command = ""] = line.split(/ [>|] /);
  return [...command.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}
