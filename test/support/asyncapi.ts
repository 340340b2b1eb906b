import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { parse } from "yaml";
import { REPOSITORY } from "./repository.ts";

interface AsyncApi {
  channels: Record<
    string,
    { address: string; parameters: Record<string, unknown>; messages: Record<string, unknown> }
  >;
  components: { schemas: Record<string, object> };
}

/** Asks for the check of one schema by its name: true, or false with `errors` set. Throws for an unknown name. */
type SchemaOf = (name: string) => ValidateFunction;

function read(file: string): { api: AsyncApi; schemaOf: SchemaOf } {
  const api = parse(readFileSync(join(REPOSITORY, "docs", file), "utf8")) as AsyncApi;
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  ajv.addKeyword("components");
  ajv.addSchema({ components: { schemas: api.components.schemas } }, "asyncapi");
  return {
    api,
    schemaOf: (name) => {
      const check = ajv.getSchema(`asyncapi#/components/schemas/${name}`);
      if (check === undefined) throw new Error(`docs/${file} has no schema ${name}`);
      return check;
    },
  };
}

const sync = read("asyncapi.yaml");
const share = read("asyncapi-share.yaml");

/** docs/asyncapi.yaml, as its readers see it. */
export const ASYNC_API = sync.api;
/** The checks of its schemas: `have`, `hello`, `entryLine`, `receiptPayload` … */
export const schemaOf = sync.schemaOf;
/** docs/asyncapi-share.yaml. */
export const SHARE_API = share.api;
export const sharedSchemaOf = share.schemaOf;
