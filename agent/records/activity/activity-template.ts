import { readFileSync } from "node:fs";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { TemplateCatalogue } from "../../../config/template-catalogue.ts";
import { parseTemplate, type Template } from "../../../config/templates.ts";
import { sha256 } from "../../../crypto/bytes/digest.ts";
import type { MediaStore } from "../../../crypto/media/store.ts";
import type { ActivityRecord } from "./activity-record.ts";

/**
 * The template that an activity was opened with, by the very bytes that its opening names: whatever became of
 * the file since. Null: it was opened without one. Throws `template-text-missing` where the bytes are neither
 * in the media store nor in a present file, `evidence-damaged` where the stored ones are others; for an activity
 * that names no digest, `template-unknown`.
 * `catalogue` is asked only where it is needed.
 */
export function templateOf(
  { open }: Pick<ActivityRecord, "open">,
  media: MediaStore,
  catalogue: () => TemplateCatalogue,
): Template | null {
  const { template: id, template_digest: digest } = open;
  if (id === undefined) return null;
  if (digest === undefined) return catalogue().read(id).template;
  const stored = storedText(media, digest);
  if (stored !== null) return parseTemplate(stored, `${id} ${digest}`);
  const present = catalogue().ofDigest(digest);
  if (present === null) throw new AgentError("template-text-missing", `${id} ${digest}`);
  return present.template;
}

function storedText(media: MediaStore, digest: string): string | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(media.path(digest));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  if (sha256(bytes).toString("hex") !== digest) throw new AgentError("evidence-damaged", digest);
  return bytes.toString("utf8");
}
