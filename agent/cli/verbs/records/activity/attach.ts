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
    const { bytes, head } = inspect(fd, file);
    const mime = mimeOf(file, head);
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

function inspect(fd: number, file: string): { bytes: number; head: Buffer } {
  const stat = fstatSync(fd);
  if (!stat.isFile()) throw new AgentError("not-a-file", file);
  if (stat.size === 0) throw new AgentError("file-empty", file);
  const head = Buffer.alloc(4096);
  return { bytes: stat.size, head: head.subarray(0, readSync(fd, head, 0, head.length, 0)) };
}
