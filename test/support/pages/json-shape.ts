/**
 * How the documents write what an object holds: `{"rec"?, "files", "queue": [{"rec"?}], "running": false}`,
 * quoted or not. `?` stands after what may be absent, `…` for anything, `name: shape` for one property.
 */
export type Shape =
  | { kind: "anything" }
  | { kind: "literal"; value: unknown }
  | { kind: "list"; item: Shape }
  | { kind: "object"; fields: readonly Field[] };

export interface Field {
  name: string;
  optional: boolean;
  value: Shape;
}

export interface ObjectSchema {
  properties: Record<string, Schema>;
  required?: string[];
}

export interface Schema extends Partial<ObjectSchema> {
  $ref?: string;
  items?: Schema;
  const?: unknown;
  enum?: unknown[];
  type?: string | string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  additionalProperties?: boolean | Schema;
  [definitions: string]: unknown;
}

const TOKEN = /\s*([{}[\],:?…]|"[^"]*"|[A-Za-z0-9_-]+)\s*/y;

/** Null: it is no shape, such as a placeholder in a path. */
export function parseShape(text: string): { property: string | null; shape: Shape } | null {
  const tokens = tokensOf(text);
  if (tokens === null) return null;
  const parser = new Parser(tokens);
  try {
    const property = tokens[1] === ":" ? parser.name() : null;
    if (property !== null) parser.take(":");
    const shape = parser.value();
    return parser.isDone && (shape.kind === "object" || property !== null) ? { property, shape } : null;
  } catch (error) {
    if (error instanceof NoShape) return null;
    throw error;
  }
}

class NoShape extends Error {}

function tokensOf(text: string): string[] | null {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) return null;
    tokens.push(token);
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isDone(): boolean {
    return this.#at === this.#tokens.length;
  }

  take(expected: string): void {
    if (!this.#skips(expected)) throw new NoShape();
  }

  name(): string {
    const token = this.#next();
    if (!/^["A-Za-z]/.test(token)) throw new NoShape();
    return token.replaceAll('"', "");
  }

  value(): Shape {
    if (this.#skips("{")) return { kind: "object", fields: this.#listUntil("}", () => this.#field()) };
    if (this.#skips("[")) {
      const items = this.#listUntil("]", () => this.value());
      return { kind: "list", item: items[0] ?? { kind: "anything" } };
    }
    const token = this.#next();
    if (/^(true|false|null|\d+|".*")$/.test(token)) return { kind: "literal", value: JSON.parse(token) };
    if (token === "…" || /^[a-z]/.test(token)) return { kind: "anything" };
    throw new NoShape();
  }

  #field(): Field {
    const name = this.name();
    const optional = this.#skips("?");
    return { name, optional, value: this.#skips(":") ? this.value() : { kind: "anything" } };
  }

  #listUntil<Item>(end: string, item: () => Item): Item[] {
    const items: Item[] = [];
    while (!this.#skips(end)) {
      if (items.length > 0) this.take(",");
      items.push(item());
    }
    return items;
  }

  #skips(token: string): boolean {
    const isNext = this.#tokens[this.#at] === token;
    if (isNext) this.#at++;
    return isNext;
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new NoShape();
    return token;
  }
}
