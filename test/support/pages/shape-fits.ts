import type { Field, ObjectSchema, Schema, Shape } from "./json-shape.ts";

/** A schema and the document that its references are of. */
export interface Place {
  schema: Schema;
  root: Schema;
}

/** What keeps a shape from being what a schema says; null: nothing. Of alternatives, one must fit. */
export function misfit(shape: Shape, place: Place): string | null {
  if (shape.kind === "anything") return null;
  const misfits = alternatives(place).map((one) => misfitOfOne(shape, one, place.root));
  return misfits.includes(null) ? null : misfits.join("; or: ");
}

function misfitOfOne(
  shape: Exclude<Shape, { kind: "anything" }>,
  schema: Schema,
  root: Schema,
): string | null {
  switch (shape.kind) {
    case "literal":
      return takes(schema, shape.value) ? null : `never ${JSON.stringify(shape.value)}`;
    case "list":
      return schema.items === undefined ? "no list" : misfit(shape.item, { schema: schema.items, root });
    case "object":
      return isObject(schema) ? misfitOfFields(shape.fields, schema, root) : "no object";
  }
}

function misfitOfFields(fields: readonly Field[], { properties, required = [] }: ObjectSchema, root: Schema) {
  const told = new Set(fields.map(({ name }) => name));
  const untold = Object.keys(properties).filter((name) => !told.has(name));
  const misfits = untold.map((name) => `"${name}" is not told`);
  for (const { name, optional, value } of fields) {
    const schema = properties[name];
    if (schema === undefined) misfits.push(`there is no "${name}"`);
    else if (optional === required.includes(name))
      misfits.push(`"${name}" is ${optional ? "never" : "sometimes"} absent`);
    else {
      const inner = misfit(value, { schema, root });
      if (inner !== null) misfits.push(`${name}: ${inner}`);
    }
  }
  return misfits.length === 0 ? null : misfits.join(", ");
}

/** Every schema below a schema, itself included, in its own document; `named`: properties of that name alone. */
export function placesIn({ schema, root }: Place, named: string | null): Place[] {
  const found: Place[] = [];
  const seen = new Set<Schema>();
  const visit = (one: Schema, name: string | null) => {
    for (const each of alternatives({ schema: one, root })) {
      if (seen.has(each)) continue;
      seen.add(each);
      if (named === null || named === name) found.push({ schema: each, root });
      for (const [key, value] of Object.entries(each.properties ?? {})) visit(value, key);
      if (each.items !== undefined) visit(each.items, null);
      if (typeof each.additionalProperties === "object") visit(each.additionalProperties, null);
    }
  };
  visit(schema, null);
  return found;
}

/** What a schema may stand for, references followed. */
function alternatives({ schema, root }: Place): Schema[] {
  const { $ref, anyOf, oneOf } = schema;
  if ($ref !== undefined) return alternatives({ schema: referred($ref, root), root });
  const choices = anyOf ?? oneOf;
  // an `anyOf` beside properties only narrows them
  if (choices === undefined || schema.properties !== undefined) return [schema];
  return choices.flatMap((choice) => alternatives({ schema: choice, root }));
}

function referred(ref: string, root: Schema): Schema {
  const [, ...path] = ref.split("/");
  return path.reduce((schema, key) => schema[key] as Schema, root);
}

function isObject(schema: Schema): schema is Schema & ObjectSchema {
  return schema.properties !== undefined;
}

function takes(schema: Schema, value: unknown): boolean {
  if (schema.const !== undefined) return schema.const === value;
  if (schema.enum !== undefined) return schema.enum.includes(value);
  return [schema.type].flat().includes(value === null ? "null" : typeof value);
}
