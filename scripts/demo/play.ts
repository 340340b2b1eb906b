import { join } from "node:path";
import type { Phrase, Values } from "../../agent/cli/text/phrase.ts";
import type { AgentStatus } from "../../agent/control/protocol.ts";
import { systemClock } from "../../config/base/clock.ts";
import { AgentError } from "../../config/base/errors.ts";
import { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import { AgentProcess, fulltrace } from "./agent-process.ts";
import { type Layout, PRE_EVENT_MS } from "./layout.ts";
import { words } from "./words.ts";

/** What `--json` prints. */
export interface DemoResult {
  ok: boolean;
  problems: string[];
  rec: string;
  recording_ms: number;
  chunks: number;
  bytes: number;
  entries: number;
  /** Most media bytes that waited for the broker. */
  backlog_bytes: number;
  /** Media bytes that went over the wire more than once. */
  resent_bytes: number;
  connections: number;
  stop_ms: number;
  verdicts: { recorder: string; receiver: string };
  paths: {
    recorder: string;
    receiver: string;
    recorder_config: string;
    receiver_config: string;
    trust: string;
    video: string;
  };
}

interface Teller {
  tell: (phrase: Phrase, values?: Values) => void;
  say: (phrase: Phrase, values?: Values) => string;
}

const CAMERA_TIMEOUT_MS = 60_000;
const RECEIPT_TIMEOUT_MS = 60_000;
const MAX_OUTAGE_S = 5;
/** A buffer that has not grown for this long does not grow any more. */
const STILL_US = 2_000_000;

/** Plays the whole story with real processes; throws `agent-failed` when one of them fails. */
export async function playOut(layout: Layout, seconds: number, teller: Teller): Promise<DemoResult> {
  const recorder = new AgentProcess(
    layout.recorderConfig,
    layout.recorder,
    join(layout.root, "recorder.log"),
  );
  const receiver = new AgentProcess(
    layout.receiverConfig,
    layout.receiver,
    join(layout.root, "receiver.log"),
  );
  try {
    await receiver.start();
    await recorder.start();
    const recorded = await record(recorder, receiver, seconds, layout, teller);
    const stopMs = await recorder.stop();
    await receiver.stop();
    teller.tell(words.closed);
    return await examine(layout, recorded, stopMs);
  } finally {
    recorder.abandon();
    receiver.abandon();
  }
}

interface Recorded {
  rec: string;
  backlogBytes: number;
  sync: NonNullable<AgentStatus["sync"]>;
}

async function record(
  recorder: AgentProcess,
  receiver: AgentProcess,
  seconds: number,
  layout: Layout,
  { tell, say }: Teller,
): Promise<Recorded> {
  const title = say(words.title);
  const { activity } = await recorder.call("activity.open", {
    kind: "simple-procedure",
    title,
    officers: ["DEMO-1"],
  });
  tell(words.activity, { title });
  const preEventMs = await fillPreEvent(recorder, layout);
  tell(words.preEvent, { seconds: (preEventMs / 1000).toFixed(1) });
  const { rec } = await recorder.call("record.start", { trigger: "button", wearer: "DEMO-1", activity });
  const endUs = systemClock.monoUs() + seconds * 1e6;
  tell(words.start, { rec });
  await isRecordingFor(recorder, seconds * 250);
  const label = say(words.label);
  await recorder
    .call("record.mark", { label, by: "DEMO-1" })
    .then(() => tell(words.marker, { label }), ignoreEnded);
  const backlogBytes = await loseBroker(
    recorder,
    receiver,
    Math.min(MAX_OUTAGE_S, Math.ceil(seconds / 4)),
    tell,
  );
  await isRecordingFor(recorder, Math.max(0, (endUs - systemClock.monoUs()) / 1000));
  const reason = await recorder.call("record.stop", { reason: "button" }).then(() => "button", ignoreEnded);
  tell(words.stop, { reason: reason ?? "source-ended" });
  await recorder.call("activity.close", { activity, outcome: say(words.outcome) });
  const { receipted } = await recorder.call("sync.flush", { timeout_ms: RECEIPT_TIMEOUT_MS });
  if (!receipted) throw new AgentError("no-receipt", `not after ${RECEIPT_TIMEOUT_MS} ms`);
  tell(words.receipts);
  const { sync } = await recorder.call("status", {});
  return { rec, backlogBytes, sync: sync as NonNullable<AgentStatus["sync"]> };
}

/**
 * Waits until the buffer is full; of a short file only half is waited for, since its end empties the
 * buffer, and pictures that end before the sound fill it no further.
 */
async function fillPreEvent(recorder: AgentProcess, { sourceMs, isFile }: Layout): Promise<number> {
  const wantedMs = sourceMs === null ? PRE_EVENT_MS : Math.min(PRE_EVENT_MS, sourceMs / 2);
  let heldMs = 0;
  let grownUs = systemClock.monoUs();
  const { recording, alarms } = await recorder.waitFor((status) => {
    const nowMs = status.recording?.pre_event_ms ?? 0;
    if (nowMs !== heldMs) grownUs = systemClock.monoUs();
    heldMs = nowMs;
    if (heldMs === 0) return isFile && status.alarms.some(({ code }) => code === "camera-lost");
    return heldMs >= wantedMs || systemClock.monoUs() - grownUs > STILL_US;
  }, CAMERA_TIMEOUT_MS);
  if (heldMs === 0) {
    throw new AgentError("source-unplayable", alarms.map(({ detail }) => detail).join("; "), {
      next: "choose a source that ffmpeg can play",
    });
  }
  return recording?.pre_event_ms ?? 0;
}

/** Lets `ms` pass, or less when the source ends before. */
async function isRecordingFor(recorder: AgentProcess, ms: number): Promise<void> {
  const endUs = systemClock.monoUs() + ms * 1000;
  await recorder.waitFor(
    ({ recording }) => systemClock.monoUs() >= endUs || recording?.rec === undefined,
    ms + CAMERA_TIMEOUT_MS,
  );
}

/** Kills broker and receiver for some seconds; answers how much evidence waited. */
async function loseBroker(
  recorder: AgentProcess,
  receiver: AgentProcess,
  seconds: number,
  tell: Teller["tell"],
): Promise<number> {
  await receiver.kill();
  tell(words.lost, { seconds });
  await systemClock.sleep(seconds * 1000);
  const { sync } = await recorder.call("status", {});
  await receiver.start();
  tell(words.back);
  return sync?.backlog_bytes ?? 0;
}

/** A source that is over cannot be marked or stopped any more; everything else is a failure. */
function ignoreEnded(error: unknown): null {
  if (error instanceof AgentError && error.code === "not-recording") return null;
  throw error;
}

/** Verifies both copies, joins the recording, and lists what is not as it should be. */
async function examine(
  layout: Layout,
  { rec, backlogBytes, sync }: Recorded,
  stopMs: number,
): Promise<DemoResult> {
  const video = join(layout.root, "recording.mp4");
  const problems: string[] = [];
  const verdictOf = async (directory: string): Promise<string> => {
    const { code, stdout, stderr } = await fulltrace([
      "verify",
      directory,
      "--trust",
      layout.trust,
      "--json",
    ]);
    const verdict = code > 1 ? stderr : (JSON.parse(stdout) as { verdict: string }).verdict;
    if (verdict !== "authentic") problems.push(`${directory}: ${verdict}`);
    return verdict;
  };
  const verdicts = { recorder: await verdictOf(layout.recorder), receiver: await verdictOf(layout.replica) };
  const saved = await fulltrace(["recording", "save", rec, video, "--data", layout.replica, "--force"]);
  if (saved.code !== 0) problems.push(`recording save: ${saved.stderr}`);
  const { row, entries, recordingMs } = readRecording(layout.recorder, rec);
  if (stopMs > 10_000) problems.push(`the recorder took ${stopMs} ms to stop`);
  return {
    ok: problems.length === 0,
    problems,
    rec,
    recording_ms: recordingMs,
    chunks: row.chunks,
    bytes: row.bytes,
    entries,
    backlog_bytes: backlogBytes,
    resent_bytes: sync.resent_bytes,
    connections: sync.connections,
    stop_ms: stopMs,
    verdicts,
    paths: {
      recorder: layout.recorder,
      receiver: layout.replica,
      recorder_config: layout.recorderConfig,
      receiver_config: layout.receiverConfig,
      trust: layout.trust,
      video,
    },
  };
}

function readRecording(dataDir: string, rec: string) {
  const reader = LedgerReader.open(dataDir);
  try {
    const row = reader.recordings.all().find((one) => one.rec === rec);
    const last = reader.media.of(rec).at(-1);
    if (row === undefined || last === undefined) throw new AgentError("recording-missing", rec);
    return {
      row,
      entries: reader.size(),
      recordingMs: Math.round((reader.body(last.seq).to_us as number) / 1000),
    };
  } finally {
    reader.close();
  }
}
