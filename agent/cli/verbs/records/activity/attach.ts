import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { AgentError } from "../../../../../config/base/errors.ts";
import { callAgent } from "../../../../control/client.ts";
import { MAX_PART_BYTES } from "../../../../control/methods/activity-methods.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { bytesText } from "../../../face/units.ts";
import { activityWords } from "../../../text/records/activity.ts";
import { ANSWER_MS, ask, given, type LiveOptions } from "../../live/ask.ts";
import { dataDirOf } from "../../target.ts";
import { idOf } from "./ids.ts";
import { mimeOf } from "./mime.ts";

const HEAD_BYTES = 4_096;
/** The directory of a document that is an archive stands at its end. */
const TAIL_BYTES = 64 * 1024;

export interface AttachOptions extends LiveOptions {
  stage: string;
  name?: string;
  answers?: string;
  by?: string;
}

/** Hands a file over part by part; nothing counts before the agent has it durable and signed. */
export async function attach(
  face: Face,
  id: string,
  file: string,
  options: AttachOptions,
): Promise<ExitCode> {
  const activity = await idOf(face, options, id);
  const dataDir = await dataDirOf(face, options);
  const fd = openDocument(file);
  try {
    const { bytes, mime } = inspect(fd, file);
    const { document } = await callAgent(dataDir, "document.begin", { bytes }, { timeoutMs: ANSWER_MS });
    const part = Buffer.alloc(MAX_PART_BYTES);
    for (let done = 0; done < bytes; ) {
      const length = readSync(fd, part, 0, part.length, done);
      if (length === 0) throw new AgentError("document-length", `${file}: it became shorter`);
      const data = part.toString("base64", 0, length);
      await callAgent(dataDir, "document.part", { document, data }, { timeoutMs: ANSWER_MS });
      done += length;
      face.progress(face.say(activityWords.attaching, { done: bytesText(done), bytes: bytesText(bytes) }));
    }
    const { stage, name = basename(file), answers, by } = options;
    const params = given({ activity, document, stage, name, mime, answers, by });
    await ask(face, options, "activity.attach", params, ({ seq, digest, bytes: stored }) =>
      face.say(activityWords.attached, { seq, digest, bytes: bytesText(stored) }),
    );
    return 0;
  } finally {
    closeSync(fd);
  }
}

function openDocument(file: string): number {
  try {
    return openSync(file, "r");
  } catch (cause) {
    throw new AgentError("file-unreadable", file, { cause });
  }
}

/** Throws `not-a-file`, `file-empty`, `document-kind`. */
function inspect(fd: number, file: string): { bytes: number; mime: string } {
  const stat = fstatSync(fd);
  if (!stat.isFile()) throw new AgentError("not-a-file", file);
  if (stat.size === 0) throw new AgentError("file-empty", file);
  const head = readAt(fd, 0, HEAD_BYTES);
  const tail = readAt(fd, Math.max(0, stat.size - TAIL_BYTES), TAIL_BYTES);
  return { bytes: stat.size, mime: mimeOf(file, head, tail) };
}

function readAt(fd: number, at: number, most: number): Buffer {
  const bytes = Buffer.alloc(most);
  return bytes.subarray(0, readSync(fd, bytes, 0, most, at));
}
