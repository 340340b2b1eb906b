/** Of an image and of an update: `1.2.3` (Semantic Versioning 2.0.0, its core alone). */
const VERSION = /^(\d{1,5})\.(\d{1,5})\.(\d{1,5})$/;

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** Below 0: `one` is older than `other`. Of what is no version, nothing is known: it is older than all. */
export function compareVersions(one: string, other: string): number {
  const [first, second] = [numbersOf(one), numbersOf(other)];
  for (let i = 0; i < 3; i++) {
    const difference = (first[i] as number) - (second[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(text: string): number[] {
  return VERSION.exec(text)?.slice(1).map(Number) ?? [-1, -1, -1];
}
