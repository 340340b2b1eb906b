/** One line of the lab's account: a step, or a figure that a test has measured. */
export interface LabRow {
  step: string;
  ok: boolean;
  seconds: number;
  /** What was counted, or why it failed. */
  detail: string;
}

/** The rows for people. */
export function labTable(rows: readonly LabRow[]): string {
  const width = Math.max(...rows.map(({ step }) => step.length));
  return rows
    .map(({ step, ok, seconds, detail }) =>
      [ok ? "✔" : "✖", step.padEnd(width), `${seconds.toFixed(1)} s`.padStart(8), detail]
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
