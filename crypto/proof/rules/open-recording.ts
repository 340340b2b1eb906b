import type { JsonObject } from "../../bytes/canonical.ts";
import type { MediaGap } from "../../entry/ledger-types.ts";
import type { ImportChunk, LiveChunk, RecordingStart, RecordingStop } from "../../entry/recording-types.ts";
import type { Problem, ProblemCode } from "../verdict.ts";
import { faultyChunkField } from "./fields.ts";

/** A sample longer than this hides lost frames and needs a gap of its own (ledger-format §5). */
const LONGEST_SAMPLE_US = 500_000;
/**
 * The recording begins with its earliest track at 0; the track that chunks are timed by may begin later,
 * by no more than picture and sound may be apart.
 */
const MAX_LEAD_US = 1_000_000;
/** An honest recording has one or two of each at a time; what goes beyond is not remembered. */
const MAX_PENDING = 64;

interface LongSample {
  seq: number;
  fromUs: number;
  toUs: number;
  longestUs: number;
}

/** One recording between its start and its stop: §5, "Live recordings" and "Imports". */
export class OpenRecording {
  readonly startSeq: number;
  readonly #start: RecordingStart;
  #chunks = 0;
  #bytes = 0;
  /** Length of the content so far, unsealed: where an import goes on. */
  #contentBytes = 0;
  #nextN = 0;
  #lastToUs = 0;
  #lastChunkSeq = -1;
  /** Ends of the gaps since the last chunk that begin where it ended. */
  #bridges: number[] = [];
  /** `frames-lost` gaps that no chunk has called for yet: they may come before it. */
  #earlyLosses: MediaGap[] = [];
  #unsaid: LongSample[] = [];

  constructor(startSeq: number, start: RecordingStart) {
    this.startSeq = startSeq;
    this.#start = start;
  }

  /** A chunk whose general fields are sound. */
  chunk(seq: number, body: JsonObject): Problem[] {
    const { origin } = this.#start;
    const fault = faultyChunkField(origin, body);
    if (fault !== null) return [{ code: "entry-fields", seq, detail: `recording.chunk: ${fault}` }];
    const chunk = body as unknown as LiveChunk | ImportChunk;
    const problems: Problem[] = [];
    if (chunk.n !== this.#nextN) {
      problems.push({ code: "chunk-order", seq, detail: `chunk ${chunk.n} where ${this.#nextN} belongs` });
    }
    const fail = (code: ProblemCode, detail: string) =>
      problems.push({ code, seq, detail: `chunk ${chunk.n}: ${detail}` });
    if ("offset" in chunk) {
      if (chunk.offset !== this.#contentBytes) {
        fail("chunk-offset", `offset ${chunk.offset} where ${this.#contentBytes} belongs`);
      }
    } else if (chunk.n === 0) {
      const { from_us, to_us, longest_us, key } = chunk;
      if (from_us !== 0 || to_us !== 0 || longest_us !== 0 || key)
        fail("chunk-init", "times are not 0, or it is a key");
    } else {
      this.#checkTimes(seq, chunk, fail);
    }
    this.#chunks++;
    this.#bytes += chunk.bytes;
    this.#contentBytes += chunk.sealed ? (chunk.plain_bytes ?? 0) : chunk.bytes;
    this.#nextN = chunk.n + 1;
    this.#lastChunkSeq = seq;
    return problems;
  }

  #checkTimes(seq: number, chunk: LiveChunk, fail: (code: ProblemCode, detail: string) => void): void {
    const { n, from_us: fromUs, to_us: toUs, longest_us: longestUs } = chunk;
    if (toUs <= fromUs) fail("chunk-times", `from ${fromUs} to ${toUs}`);
    const isLead = n === 1 && fromUs <= MAX_LEAD_US;
    if (fromUs !== this.#lastToUs && !isLead && !this.#bridges.includes(fromUs)) {
      const code = fromUs < this.#lastToUs ? "chunk-overlap" : "chunk-jump";
      fail(code, `from ${fromUs}, the chunk before to ${this.#lastToUs}, no gap between`);
    }
    this.#lastToUs = toUs;
    this.#bridges = [];
    if (longestUs > LONGEST_SAMPLE_US) {
      const sample = { seq, fromUs, toUs, longestUs };
      if (!this.#earlyLosses.some((gap) => tells(gap, sample))) this.#unsaid.push(sample);
      if (this.#unsaid.length > MAX_PENDING)
        fail("frames-lost-unsaid", "too many long samples without a gap");
      this.#unsaid = this.#unsaid.slice(-MAX_PENDING);
    }
    this.#earlyLosses = this.#earlyLosses.filter(({ to_us }) => to_us > toUs);
  }

  gap(gap: MediaGap): void {
    // muted sound leaves the time line whole: it never excuses a jump
    if (gap.reason !== "muted" && gap.from_us === this.#lastToUs && this.#bridges.length < MAX_PENDING) {
      this.#bridges.push(gap.to_us);
    }
    if (gap.reason !== "frames-lost") return;
    const said = this.#unsaid.findIndex((sample) => tells(gap, sample));
    if (said >= 0) this.#unsaid.splice(said, 1);
    else if (this.#earlyLosses.length < MAX_PENDING) this.#earlyLosses.push(gap);
  }

  stop(seq: number, stop: RecordingStop): Problem[] {
    const problems: Problem[] = [];
    if (stop.chunks !== this.#chunks || stop.bytes !== this.#bytes) {
      const detail = `${stop.chunks} chunks of ${stop.bytes} bytes claimed, ${this.#chunks} of ${this.#bytes} found`;
      problems.push({ code: "stop-sums", seq, detail });
    }
    if (stop.file_digest === undefined && this.#owesFileDigest(stop)) {
      problems.push({ code: "entry-fields", seq, detail: "recording.stop: file_digest" });
    }
    // a run that ended between a chunk and its gap could not write it any more
    const excused = stop.recovered === true ? this.#lastChunkSeq : -1;
    return [...problems, ...this.#unsaidLosses().filter((problem) => problem.seq !== excused)];
  }

  /** An import that brought what was claimed and found no more behind it has read the whole file. */
  #owesFileDigest({ reason }: RecordingStop): boolean {
    const { origin, source } = this.#start;
    const isWhole = this.#contentBytes >= (source?.bytes ?? 0) && reason !== "longer-than-claimed";
    return origin === "import" && isWhole;
  }

  /** The ledger ends here without a stop. */
  end(rec: string): Problem[] {
    const open: Problem = {
      code: "recording-open",
      seq: this.startSeq,
      detail: `recording ${rec} has no stop`,
    };
    return [open, ...this.#unsaidLosses().filter(({ seq }) => seq !== this.#lastChunkSeq)];
  }

  #unsaidLosses(): Problem[] {
    return this.#unsaid.map(({ seq, longestUs }) => ({
      code: "frames-lost-unsaid",
      seq,
      detail: `a sample of ${longestUs} us without a frames-lost gap`,
    }));
  }
}

/** True if the gap tells of the chunk's longest sample: inside the chunk, as long, give or take rounding. */
function tells(gap: MediaGap, sample: LongSample): boolean {
  const isInside = gap.from_us >= sample.fromUs && gap.to_us <= sample.toUs;
  return isInside && Math.abs(gap.to_us - gap.from_us - sample.longestUs) <= 1;
}
