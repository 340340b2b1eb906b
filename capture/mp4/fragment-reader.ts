import { AgentError } from "../../config/base/errors.ts";
import { type Box, BoxReader } from "./box-reader.ts";
import { type Fragment, parseFragment } from "./fragment.ts";
import { type InitSegment, parseInitSegment } from "./init-segment.ts";

export type StreamPart =
  | { readonly kind: "init"; readonly init: InitSegment }
  | { readonly kind: "fragment"; readonly init: InitSegment; readonly fragment: Fragment };

/**
 * Turns ffmpeg's bytes into an initialisation segment and fragments. A second, different
 * initialisation segment is handed on as another `init`; an identical one is passed over.
 */
export class FragmentReader {
  readonly #boxes = new BoxReader();
  #ftyp: Buffer | null = null;
  #init: InitSegment | null = null;
  #moof: Buffer | null = null;

  /** Bytes that belong to no complete fragment yet; lost if the stream ends here. */
  get pendingBytes(): number {
    return this.#boxes.pendingBytes + (this.#moof?.length ?? 0);
  }

  /** Throws any `mp4-…` code for a stream that is not what ffmpeg writes; the reader is unusable afterwards. */
  *push(piece: Buffer): Generator<StreamPart, void, void> {
    for (const box of this.#boxes.push(piece)) {
      const part = this.#take(box);
      if (part !== null) yield part;
    }
  }

  /** null: nothing complete yet. */
  #take(box: Box): StreamPart | null {
    if ((box.type === "mdat") !== (this.#moof !== null)) throw orderError(box);
    switch (box.type) {
      case "ftyp":
        this.#ftyp = Buffer.concat(box.parts);
        return null;
      case "moov":
        return this.#takeMoov(box);
      case "moof":
        this.#moof = Buffer.concat(box.parts);
        return null;
      case "mdat":
        return this.#takeMdat(box);
    }
    throw orderError(box);
  }

  #takeMoov(box: Box): StreamPart | null {
    if (this.#ftyp === null) throw orderError(box);
    const bytes = Buffer.concat([this.#ftyp, ...box.parts]);
    if (this.#init?.bytes.equals(bytes)) return null;
    this.#init = parseInitSegment(bytes, this.#ftyp.length);
    return { kind: "init", init: this.#init };
  }

  #takeMdat(box: Box): StreamPart {
    const moof = this.#moof;
    if (this.#init === null || moof === null) throw orderError(box);
    this.#moof = null;
    return { kind: "fragment", init: this.#init, fragment: parseFragment(this.#init, moof, box.parts) };
  }
}

function orderError(box: Box): AgentError {
  return new AgentError("mp4-box-order", `${box.type} at byte ${box.at}`);
}
