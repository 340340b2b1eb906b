import type { Frame } from "../../../drivers/serial/frames/frame.ts";
import type { Framing } from "../../../drivers/serial/frames/framing.ts";
import { TextLines } from "../../../drivers/serial/line/text-lines.ts";
import { type FrameWords, frameWords } from "./frame-words.ts";

/** How a line's bytes are read. */
export type LineLanguage = "board" | "nmea" | "hex";

/** What stands on a serial line. */
export type LineSight =
  /** A frame of the control link (docs/control-link.md); without words it is of an unknown message. */
  | ({ kind: "frame"; type: number; seq: number; payload_hex: string } & Partial<FrameWords>)
  /** A line of NMEA 0183; `checksum` tells whether its sum is right. */
  | { kind: "sentence"; text: string; checksum: "right" | "wrong" | "none" }
  | { kind: "bytes"; hex: string }
  /** So many bytes belonged to no frame and to no line. */
  | { kind: "discarded"; bytes: number };

/** NMEA 0183 allows 82; some receivers take more. */
const MAX_LINE_BYTES = 256;
const HEX_BYTES_A_LINE = 16;
/** So much without a frame or a sentence is neither. */
const UNDECIDED_BYTES = 512;

/** Reads a line in one language; in `auto` in the first of them in which something makes sense. */
export class LineReader {
  readonly #framing: Framing;
  readonly #onSight: (sight: LineSight) => void;
  #push: (bytes: Uint8Array) => void;
  #end: () => void = () => {};

  constructor(framing: Framing, language: LineLanguage | "auto", onSight: (sight: LineSight) => void) {
    this.#framing = framing;
    this.#onSight = onSight;
    this.#push = language === "auto" ? this.#undecided() : this.#reader(language, onSight);
  }

  push(bytes: Uint8Array): void {
    this.#push(bytes);
  }

  /** No more will come: what made no sense yet is told as bytes. */
  end(): void {
    this.#end();
  }

  #reader(language: LineLanguage, onSight: (sight: LineSight) => void): (bytes: Uint8Array) => void {
    const onDiscarded = (bytes: number) => onSight({ kind: "discarded", bytes });
    switch (language) {
      case "board": {
        const reader = this.#framing.reader({ onFrame: (frame) => onSight(frameSight(frame)), onDiscarded });
        return (bytes) => reader.push(bytes);
      }
      case "nmea": {
        const lines = new TextLines(MAX_LINE_BYTES, {
          onLine: (text) => onSight({ kind: "sentence", text, checksum: checksumOf(text) }),
          onDiscarded,
        });
        return (bytes) => lines.push(bytes);
      }
      case "hex":
        return (bytes) => {
          for (let at = 0; at < bytes.length; at += HEX_BYTES_A_LINE) {
            onSight({
              kind: "bytes",
              hex: Buffer.from(bytes.subarray(at, at + HEX_BYTES_A_LINE)).toString("hex"),
            });
          }
        };
    }
  }

  /** Listens in both languages, and once one is heard reads everything in it from the beginning. */
  #undecided(): (bytes: Uint8Array) => void {
    let heard: LineLanguage | null = null;
    const kept: Buffer[] = [];
    let keptBytes = 0;
    const board = this.#reader("board", ({ kind }) => {
      if (kind === "frame") heard ??= "board";
    });
    const nmea = this.#reader("nmea", (sight) => {
      if (sight.kind === "sentence" && sight.checksum === "right") heard ??= "nmea";
    });
    const decide = (language: LineLanguage) => {
      this.#end = () => {};
      this.#push = this.#reader(language, this.#onSight);
      this.#push(Buffer.concat(kept));
    };
    this.#end = () => decide("hex");
    return (bytes) => {
      kept.push(Buffer.from(bytes));
      keptBytes += bytes.length;
      board(bytes);
      nmea(bytes);
      if (heard === null && keptBytes > UNDECIDED_BYTES) heard = "hex";
      if (heard !== null) decide(heard);
    };
  }
}

function frameSight(frame: Frame): LineSight {
  const { type, seq, payload } = frame;
  const words = frameWords(frame);
  return {
    kind: "frame",
    type,
    seq,
    payload_hex: Buffer.from(payload).toString("hex"),
    ...(words === null ? {} : words),
  };
}

/** The sum of all between `$` and `*` by exclusive or (NMEA 0183 §5.3). */
function checksumOf(text: string): "right" | "wrong" | "none" {
  const [, said, sum] = /^[$!](.*)\*([0-9A-Fa-f]{2})$/.exec(text) ?? [];
  if (said === undefined || sum === undefined) return "none";
  const computed = Buffer.from(said, "latin1").reduce((all, byte) => all ^ byte, 0);
  return computed === Number.parseInt(sum, 16) ? "right" : "wrong";
}
