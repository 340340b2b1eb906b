import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { parseToml } from "../../../config/load.ts";

const text = v.pipe(v.string(), v.nonEmpty());
const schema = v.strictObject({
  title: text,
  /** The Debian package of its kernel. */
  kernel: text,
  /** What the kernel is told beside root and slot. */
  kernel_args: text,
  /** Of each of the two slots. */
  slot_mib: v.pipe(v.number(), v.integer(), v.minValue(256), v.maxValue(8192)),
  /** Of the kernel, with what they need. */
  modules: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/))), v.minLength(1)),
});

/** What differs from board to board: a folder with `board.toml` and, laid over every root, `files/`. */
export interface Board extends v.InferOutput<typeof schema> {
  name: string;
  folder: string;
  /** What RAUC compares: a bundle for another board is refused. */
  compatible: string;
}

/** Throws a `TypeError` that names the boards there are. */
export function boardNamed(name: string, boards: string): Board {
  const folder = join(boards, name);
  const file = join(folder, "board.toml");
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(file)) {
    const known = readdirSync(boards).filter((entry) => existsSync(join(boards, entry, "board.toml")));
    throw new TypeError(`there is no board ${name}; there are ${known.join(", ")}`);
  }
  const told = v.parse(schema, parseToml(readFileSync(file, "utf8"), file));
  return { ...told, name, folder, compatible: `fulltrace-recorder-${name}` };
}
