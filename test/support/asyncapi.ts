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

/** docs/asyncapi.yaml, as its readers see it. */
export const ASYNC_API = parse(readFileSync(join(REPOSITORY, "docs", "asyncapi.yaml"), "utf8")) as AsyncApi;

const ajv = new Ajv({ allErrors: true });
ajv.addKeyword("components");
ajv.addSchema({ components: { schemas: ASYNC_API.components.schemas } }, "asyncapi");

/**
 * The check of one schema of the document by its name (`have`, `hello`, `entryLine`, `receiptPayload` …):
 * true, or false with `errors` set. Throws for a name that the document does not have.
 */
export function schemaOf(name: string): ValidateFunction {
  const check = ajv.getSchema(`asyncapi#/components/schemas/${name}`);
  if (check === undefined) throw new Error(`docs/asyncapi.yaml has no schema ${name}`);
  return check;
}
