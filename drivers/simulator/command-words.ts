/** null: none of these. */
export function among<const T extends string>(names: readonly T[], word: string | undefined): T | null {
  return names.find((name) => name === word) ?? null;
}

/** A whole number within these bounds; null: none. */
export function whole(text: string | undefined, least: number, most: number): number | null {
  if (text === undefined || !/^-?\d{1,10}$/.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= most ? value : null;
}
