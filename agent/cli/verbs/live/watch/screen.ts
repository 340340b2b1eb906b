/** What a view is drawn on: a terminal. */
export interface Terminal {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

const ENTER = "\u001b[?1049h\u001b[?25l\u001b[H\u001b[2J";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** A terminal's other screen, on which only the lines that changed are written again: a slow line carries little. */
export class Screen {
  readonly #terminal: Terminal;
  #shown: string[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** A terminal that does not know its size says 0. */
  get width(): number {
    return this.#terminal.columns || DEFAULT_COLUMNS;
  }

  get height(): number {
    return this.#terminal.rows || DEFAULT_ROWS;
  }

  /** The screen that was there comes back with `leave`. */
  enter(): void {
    this.#terminal.write(ENTER);
  }

  draw(lines: readonly string[]): void {
    const changes = Array.from({ length: Math.max(lines.length, this.#shown.length) }, (_, row) => {
      const line = lines[row] ?? "";
      return line === (this.#shown[row] ?? "") ? "" : `\u001b[${row + 1};1H\u001b[K${line}`;
    });
    const text = changes.join("");
    if (text !== "") this.#terminal.write(text);
    this.#shown = [...lines];
  }

  /** What is on it is not known any more, as after a resize. */
  clear(): void {
    this.#shown = [];
    this.#terminal.write("\u001b[2J");
  }

  leave(): void {
    this.#terminal.write(LEAVE);
  }
}
