import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { AgentError } from "./base/errors.ts";
import { MAX_TEMPLATE_BYTES, parseTemplate, SHIPPED, type Template } from "./templates.ts";

/** A template with the text that it was read from. */
export interface TemplateText {
  template: Template;
  file: string;
  /** Bytes of the file: what `template_digest` is the SHA-256 of. */
  bytes: Buffer;
  digest: string;
  isShipped: boolean;
}

/** Where an office keeps templates of its own: `[records]`. */
export interface OwnTemplates {
  templates?: string;
  /** Ids of shipped templates that the office's own take the place of. */
  replaces: readonly string[];
}

/** The shipped process templates and an office's own, each checked, by id. */
export class TemplateCatalogue {
  readonly #byId: ReadonlyMap<string, TemplateText>;

  private constructor(texts: readonly TemplateText[]) {
    this.#byId = new Map(texts.map((text) => [text.template.id, text]));
  }

  /**
   * Reads and checks all of them. Throws `bad-template` naming file and fault: also where a file is not named
   * as its id, where one of the office's own has a shipped one's id and `replaces` does not say so, and where
   * `replaces` names what is not there; `templates-unreadable` where the folder cannot be read.
   */
  static open({ templates: folder, replaces }: OwnTemplates = { replaces: [] }): TemplateCatalogue {
    const shipped = readFolder(SHIPPED, true);
    const own = folder === undefined ? [] : readFolder(folder, false);
    const shippedIds = new Set(shipped.map(({ template }) => template.id));
    const ownIds = new Set(own.map(({ template }) => template.id));
    for (const { template, file } of own) {
      if (shippedIds.has(template.id) && !replaces.includes(template.id))
        throw new AgentError(
          "bad-template",
          `${file}: ${template.id} is shipped, and records.replaces does not list it`,
          {
            next: `give it another id, or list "${template.id}" in records.replaces`,
          },
        );
    }
    const nowhere = replaces.find((id) => !shippedIds.has(id) || !ownIds.has(id));
    if (nowhere !== undefined)
      throw new AgentError(
        "bad-template",
        `records.replaces: ${nowhere} is not both shipped and in ${folder ?? "a folder"}`,
      );
    return new TemplateCatalogue([...shipped, ...own]);
  }

  get all(): TemplateText[] {
    return [...this.#byId.values()].sort((a, b) => (a.template.id < b.template.id ? -1 : 1));
  }

  /** Throws `template-unknown`. */
  read(id: string): TemplateText {
    const found = this.#byId.get(id);
    if (found === undefined)
      throw new AgentError("template-unknown", id, { next: [...this.#byId.keys()].sort().join(", ") });
    return found;
  }

  /** The one of exactly these bytes; null: its file was changed, or is gone. */
  ofDigest(digest: string): TemplateText | null {
    return this.all.find((text) => text.digest === digest) ?? null;
  }
}

/** Reads and checks one file. Throws `bad-template`, `templates-unreadable`. */
export function readTemplateFile(file: string, isShipped = false): TemplateText {
  const bytes = readSmall(file);
  const digest = createHash("sha256").update(bytes).digest("hex");
  return { template: parseTemplate(utf8(bytes, file), file), file, bytes, digest, isShipped };
}

function readSmall(file: string): Buffer {
  let fd: number | null = null;
  try {
    // a pipe would keep a recording agent waiting, a device would fill its memory
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) throw new AgentError("templates-unreadable", `${file}: not a file`);
    return readUpTo(fd, file, MAX_TEMPLATE_BYTES);
  } catch (cause) {
    if (cause instanceof AgentError) throw cause;
    throw new AgentError("templates-unreadable", file, { cause });
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

function readUpTo(fd: number, file: string, most: number): Buffer {
  const bytes = Buffer.alloc(most + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read)
    read = readSync(fd, bytes, length, bytes.length - length, null);
  if (length > most) throw new AgentError("bad-template", `${file}: more than ${most} bytes`);
  return bytes.subarray(0, length);
}

function readFolder(folder: string, isShipped: boolean): TemplateText[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".toml"));
  } catch (cause) {
    throw new AgentError("templates-unreadable", folder, { cause });
  }
  return names.map((name) => {
    const text = readTemplateFile(join(folder, name), isShipped);
    if (`${text.template.id}.toml` !== name)
      throw new AgentError("bad-template", `${text.file}: its id is ${text.template.id}, not its name`, {
        next: `name the file ${text.template.id}.toml`,
      });
    return text;
  });
}

function utf8(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AgentError("bad-template", `${file}: not UTF-8`, { cause });
  }
}
