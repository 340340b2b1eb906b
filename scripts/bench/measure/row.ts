/** A goal on a ratio: what was measured over what it is measured against. */
export type Goal = { atMost: number } | { atLeast: number };

/** One line of the benchmark. */
export interface Measurement {
  /** What was measured against what. */
  name: string;
  value: number;
  /** Of `value` and of `yardstick`. */
  unit: string;
  /** Measured in the same run; where the goal is an absolute figure, that figure. */
  yardstick: number;
  goal: Goal;
}

/** The same, judged: the shape that `--json` prints. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  yardstick: number;
  /** `value / yardstick`. */
  ratio: number;
  /** On `ratio`. */
  goal: string;
  met: boolean;
}

/** Judges by the unrounded ratio; what is printed carries four significant digits. */
export function judge({ name, value, unit, yardstick, goal }: Measurement): Row {
  const ratio = value / yardstick;
  const met = "atMost" in goal ? ratio <= goal.atMost : ratio >= goal.atLeast;
  const text = "atMost" in goal ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`;
  return {
    name,
    value: rounded(value),
    unit,
    yardstick: rounded(yardstick),
    ratio: rounded(ratio),
    goal: text,
    met,
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

const HEADINGS = ["what", "value", "yardstick", "unit", "ratio", "goal", "met"];

/** Aligned columns for people; numbers to the right. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, value, yardstick, unit, ratio, goal, met }) => [
    name,
    String(value),
    String(yardstick),
    unit,
    String(ratio),
    goal,
    met ? "yes" : "NO",
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(...[HEADINGS, ...lines].map((line) => line[column]?.length ?? heading.length)),
  );
  const isNumber = (column: number) => column === 1 || column === 2 || column === 4;
  const format = (line: string[]) =>
    line
      .map((cell, column) =>
        isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [HEADINGS, widths.map((width) => "-".repeat(width)), ...lines].map(format).join("\n");
}
