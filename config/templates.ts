import { join } from "node:path";
import { parse } from "smol-toml";
import * as v from "valibot";
import { AgentError } from "./base/errors.ts";
import { PACKAGE_ROOT } from "./package-root.ts";

/** What a whole process must contain: one TOML file for each kind of case, in `config/templates/`. */

const id = () =>
  v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,63}$/, "lower-case letters, digits and dashes"));
const named = v.strictObject({
  zh: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  en: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
});

/** In which form a requirement is to be shown. */
export const FORMS = ["document", "text", "picture", "sound", "sound-and-picture"] as const;
export type Form = (typeof FORMS)[number];

const requirement = v.strictObject({
  id: id(),
  name: named,
  what: v.picklist(FORMS),
  /** It is required only where this is so; whoever keeps the file decides. */
  only_if: v.exactOptional(named),
});

const template = v.strictObject({
  id: id(),
  name: named,
  /** Stages that need sound and picture, without a muted moment, once somebody objects. */
  when_disputed: v.array(id()),
  stages: v.pipe(
    v.array(
      v.strictObject({ id: id(), name: named, requires: v.pipe(v.array(requirement), v.minLength(1)) }),
    ),
    v.minLength(1),
    v.maxLength(64),
  ),
});

export type Template = v.InferOutput<typeof template>;
export type Stage = Template["stages"][number];
export type Requirement = Stage["requires"][number];

export const SHIPPED = join(PACKAGE_ROOT, "config", "templates");
/** Of one template's file. */
export const MAX_TEMPLATE_BYTES = 256 * 1024;

/** Checks a template's text; `file` names it in errors. Throws `bad-template`. */
export function parseTemplate(toml: string, file: string): Template {
  if (toml.length > MAX_TEMPLATE_BYTES) throw new AgentError("bad-template", `${file}: too long`);
  let raw: unknown;
  try {
    raw = parse(toml);
  } catch (cause) {
    throw new AgentError("bad-template", `${file}: ${(cause as Error).message.split("\n")[0]}`, { cause });
  }
  const checked = v.safeParse(template, raw);
  if (!checked.success) {
    const faults = checked.issues.map((issue) => `${v.getDotPath(issue) ?? "file"}: ${issue.message}`);
    throw new AgentError("bad-template", `${file}: ${faults.join("; ")}`);
  }
  requireOneOfEach(checked.output, file);
  return checked.output;
}

function requireOneOfEach({ stages, when_disputed: disputed }: Template, file: string): void {
  const names = stages.map(({ id }) => id);
  const twice = [names, ...stages.map(({ requires }) => requires.map(({ id }) => id))].flatMap(repeated);
  const [first] = [...twice, ...disputed.filter((name) => !names.includes(name))];
  if (first !== undefined)
    throw new AgentError("bad-template", `${file}: ${first} is there twice, or nowhere`);
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, at) => names.indexOf(name) !== at);
}
