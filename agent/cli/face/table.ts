import { columns, harmless, pad } from "./width.ts";

export interface Column {
  title: string;
  /** Numbers stand right. */
  side: "left" | "right";
}

/** A column of words. */
export function left(title: string): Column {
  return { title, side: "left" };
}

/** A column of numbers. */
export function right(title: string): Column {
  return { title, side: "right" };
}

/** Lines of a table for people, two spaces between columns, none at the end. */
export function table(heads: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = [heads.map(({ title }) => title), ...rows.map((row) => row.map(harmless))];
  const widths = heads.map((_, i) => Math.max(...cells.map((row) => columns(row[i] ?? ""))));
  return cells.map((row) =>
    heads
      .map(({ side }, i) => pad(row[i] ?? "", widths[i] ?? 0, side))
      .join("  ")
      .trimEnd(),
  );
}

/** Lines of `name  value`, the names aligned. */
export function pairs(rows: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => columns(name)));
  return rows.map(([name, value]) => `${pad(name, width, "left")}  ${harmless(value)}`);
}
