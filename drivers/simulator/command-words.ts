/** null: none of these. */
export function among<const T extends string>(names: readonly T[], word: string | undefined): T | null {
  return names.find((name) => name === word) ?? null;
}

/** A whole number within these bounds; null: none. */
export function whole(text: string | undefined, least: number, most: number): number | null {
  return /^-?\d{1,10}$/.test(text ?? "") ? within(Number(text), least, most) : null;
}

/** A number with at most 9 decimals within these bounds; null: none. */
export function decimal(text: string | undefined, least: number, most: number): number | null {
  return /^-?\d{1,10}(\.\d{1,9})?$/.test(text ?? "") ? within(Number(text), least, most) : null;
}

function within(value: number, least: number, most: number): number | null {
  return value >= least && value <= most ? value : null;
}
