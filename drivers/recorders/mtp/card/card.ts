import { AgentError } from "../../../../config/base/errors.ts";
import { claimedPath } from "../../claimed-path.ts";
import {
  type Listed,
  MAX_DEPTH,
  MAX_FILE_BYTES,
  MAX_LISTED,
  type RecorderFile,
} from "../../recorder-driver.ts";
import { ASSOCIATION, OPERATION, PROPERTY, RESPONSE, ROOT, UNKNOWN_LENGTH } from "../protocol/codes.ts";
import {
  decodeHandles,
  decodeNumber,
  decodeObjectInfo,
  decodeStorages,
  type ObjectInfo,
  TYPE,
} from "../protocol/datasets.ts";
import { parseTimestamp } from "../protocol/timestamp.ts";
import { type Conversation, refusal } from "../transport/conversation.ts";

/** Handles in all listings together, for each object: devices that ignore folders repeat them all. */
const MAX_REPEATS = 4;

interface Folder {
  /** Not yet made harmless; the root is "". */
  path: string;
  depth: number;
}

/** An object as a file's handle keeps it: where it lies, by number. */
interface Place {
  storage: number;
  object: number;
  /** As the object says. */
  parent: number;
  /** Where the walk met it; 0: the root. */
  folder: number;
}

/** What the device says of an object, or its result code. */
type Looked = { info: ObjectInfo } | { code: number };

/** Files of an MTP device: numbered objects that say in which folder they lie. */
export class Card {
  readonly #conversation: Conversation;
  readonly #hasObjectProperties: boolean;
  readonly #utcOffsetMin: number;
  readonly #mostListed: number;
  /** By handle, as known from the latest listing or asked for. */
  readonly #folders = new Map<number, Folder>();

  constructor(
    conversation: Conversation,
    hasObjectProperties: boolean,
    utcOffsetMin: number,
    mostListed = MAX_LISTED,
  ) {
    this.#mostListed = mostListed;
    this.#conversation = conversation;
    this.#hasObjectProperties = hasObjectProperties;
    this.#utcOffsetMin = utcOffsetMin;
  }

  /** Walks the folders of every storage; many devices tell only what lies directly in one. */
  async *list(signal: AbortSignal): AsyncGenerator<Listed, void, void> {
    this.#folders.clear();
    const budget = { handles: MAX_REPEATS * this.#mostListed };
    const storages = await this.#conversation.demand(
      { operation: OPERATION.getStorageIds, parameters: [] },
      signal,
    );
    const seen = new Set<number>();
    for (const storage of new Set(decodeStorages(Buffer.concat(storages.parts)))) {
      // the low half is 0 where no card is in
      if (storage % 0x1_0000 !== 0) yield* this.#walk(storage, seen, budget, signal);
    }
  }

  /** Where the object of `file` is; throws `file-gone` if it is not the file that was listed. */
  async find(file: RecorderFile, signal: AbortSignal): Promise<number> {
    const place = readPlace(file.handle);
    if (place === null) throw gone(file);
    const looked = await this.#look(place.object, signal);
    if (!("info" in looked)) {
      throw looked.code === RESPONSE.invalidObject
        ? gone(file)
        : refusal(OPERATION.getObjectInfo, looked.code);
    }
    const { info } = looked;
    const size = await this.#size(place.object, info, signal);
    if (info.parent !== place.parent || info.storage !== place.storage || size !== file.bytes)
      throw gone(file);
    const modifiedMs = this.#modified(info);
    if (modifiedMs !== (file.modifiedMs ?? null)) throw gone(file);
    const folder = await this.#folder(place.folder, signal);
    if (folder === null || claimedPath(below(folder, info.name)) !== file.path) throw gone(file);
    return place.object;
  }

  async *#walk(
    storage: number,
    seen: Set<number>,
    budget: { handles: number },
    signal: AbortSignal,
  ): AsyncGenerator<Listed, void, void> {
    const folders = [0];
    let rootHandles = 0;
    while (folders.length > 0) {
      const folder = folders.pop() as number;
      const handles = await this.#handles(storage, folder === 0 ? ROOT : folder, signal);
      budget.handles -= handles.length;
      if (budget.handles < 0) throw endless(`over ${MAX_REPEATS * this.#mostListed} handles`);
      if (folder === 0) rootHandles = handles.length;
      const together = new Set(handles);
      let fresh = 0;
      for (const object of together) {
        if (object === 0 || object === ROOT || seen.has(object)) continue;
        seen.add(object);
        fresh++;
        if (seen.size > this.#mostListed) throw endless(`over ${this.#mostListed} objects`);
        const listed = await this.#listed(object, folder, together, folders, signal);
        if (listed !== null) yield listed;
      }
      // it told all that there is although asked for one folder: no other folder tells more
      if (folder !== 0 && fresh === 0 && handles.length > 0 && handles.length === rootHandles) return;
    }
  }

  /** What `object` is to a listing; a folder is walked later, and is null. */
  async #listed(
    object: number,
    walked: number,
    together: ReadonlySet<number>,
    folders: number[],
    signal: AbortSignal,
  ): Promise<Listed | null> {
    const looked = await this.#look(object, signal);
    const met = walked === 0 ? null : walked;
    if (!("info" in looked)) {
      const folder = met === null ? ROOT_FOLDER : ((await this.#folder(met, signal)) ?? ROOT_FOLDER);
      return { kind: "skipped", path: claimedPath(below(folder, `#${object}`)), reason: "unreadable" };
    }
    const { info } = looked;
    // a device that ignores folders tells with the root what lies deeper: the object knows better
    const inside = together.has(info.parent) && info.parent !== object ? info.parent : walked;
    const folder = await this.#folder(inside, signal);
    if (folder === null) throw endless(`object ${object} lies in circles`);
    const path = below(folder, info.name === "" ? `#${object}` : info.name);
    if (folder.depth >= MAX_DEPTH) return { kind: "skipped", path: claimedPath(path), reason: "too-deep" };
    if (info.format === ASSOCIATION) {
      this.#folders.set(object, { path, depth: folder.depth + 1 });
      folders.push(object);
      return null;
    }
    const bytes = await this.#size(object, info, signal);
    if (info.name === "") return { kind: "skipped", path: claimedPath(path), reason: "name-unusable" };
    if (bytes === null || bytes > MAX_FILE_BYTES)
      return { kind: "skipped", path: claimedPath(path), reason: "unreadable" };
    const handle = writePlace({ storage: info.storage, object, parent: info.parent, folder: inside });
    const modifiedMs = this.#modified(info);
    const file = { handle, path: claimedPath(path), bytes };
    return { kind: "file", file: modifiedMs === null ? file : { ...file, modifiedMs } };
  }

  async #handles(storage: number, parent: number, signal: AbortSignal): Promise<Uint32Array> {
    const question = {
      operation: OPERATION.getObjectHandles,
      parameters: [storage, 0, parent],
      mostBytes: 4 * MAX_LISTED + 4,
    };
    const { code, parts } = await this.#conversation.ask(question, signal);
    // a folder that has just been deleted, or a storage that is none
    if (code === RESPONSE.invalidObject || code === RESPONSE.invalidParent) return new Uint32Array();
    if (code !== RESPONSE.ok) throw refusal(OPERATION.getObjectHandles, code);
    return decodeHandles(Buffer.concat(parts), MAX_LISTED);
  }

  async #look(object: number, signal: AbortSignal): Promise<Looked> {
    const question = { operation: OPERATION.getObjectInfo, parameters: [object] };
    const { code, parts } = await this.#conversation.ask(question, signal);
    if (code !== RESPONSE.ok) return { code };
    return { info: decodeObjectInfo(Buffer.concat(parts)) };
  }

  /** The folder of that handle, looked up as far as it is not known; null: none, or folders in a circle. */
  async #folder(handle: number, signal: AbortSignal): Promise<Folder | null> {
    const inner: { handle: number; name: string }[] = [];
    let at = handle;
    let outer = at === 0 ? ROOT_FOLDER : this.#folders.get(at);
    while (outer === undefined) {
      if (inner.length > MAX_DEPTH + 1) return null;
      const looked = await this.#look(at, signal);
      // the root of a storage is an object to some devices, without a name or with one that is a path
      if (!("info" in looked)) return null;
      inner.push({ handle: at, name: looked.info.name });
      at = looked.info.parent;
      outer = at === 0 || at === ROOT ? ROOT_FOLDER : this.#folders.get(at);
    }
    for (const { handle: folder, name } of inner.reverse()) {
      outer = { path: below(outer, name), depth: outer.depth + 1 };
      this.#folders.set(folder, outer);
    }
    return outer;
  }

  /** Null: it does not say. */
  async #size(object: number, info: ObjectInfo, signal: AbortSignal): Promise<number | null> {
    if (info.compressedBytes !== UNKNOWN_LENGTH) return info.compressedBytes;
    if (!this.#hasObjectProperties) return null;
    const question = {
      operation: OPERATION.getObjectPropValue,
      parameters: [object, PROPERTY.objectSize],
    };
    const { code, parts } = await this.#conversation.ask(question, signal);
    return code === RESPONSE.ok ? decodeNumber(Buffer.concat(parts), TYPE.u64) : null;
  }

  #modified(info: ObjectInfo): number | null {
    return parseTimestamp(info.modified || info.created, this.#utcOffsetMin);
  }
}

const ROOT_FOLDER: Folder = { path: "", depth: 0 };

/** A name is one step of a path, whatever it holds. */
function below(folder: Folder, name: string): string {
  const step = name.replaceAll("/", "%2F");
  return folder.path === "" ? step : `${folder.path}/${step}`;
}

function writePlace({ storage, object, parent, folder }: Place): string {
  return [storage, object, parent, folder].map((number) => number.toString(16)).join(".");
}

function readPlace(handle: string): Place | null {
  if (!/^[0-9a-f]{1,8}(\.[0-9a-f]{1,8}){3}$/.test(handle)) return null;
  const [storage = 0, object = 0, parent = 0, folder = 0] = handle
    .split(".")
    .map((digits) => Number.parseInt(digits, 16));
  return { storage, object, parent, folder };
}

const endless = (why: string) => new AgentError("recorder-listing", why);
const gone = (file: RecorderFile) => new AgentError("file-gone", `${file.path}, ${file.bytes} bytes`);
