import assert from "node:assert/strict";
import { errorCode } from "../../../config/base/errors.ts";
import type {
  Capability,
  Listed,
  RecorderDriver,
  RecorderFile,
} from "../../../drivers/recorders/recorder-driver.ts";
import type { CardFile, MakeRecorder, RecorderUnderTest } from "./under-test.ts";

/** Longer than any answer of a simulated recorder. */
export const ANSWER_MS = 10_000;
/** A call that was called off may still tidy up, but not longer; also on a machine that has much else to do. */
export const PROMPT_MS = 4_000;

export const MODIFIED_MS = Date.UTC(2026, 10, 23, 9, 30, 20);
/** A file that no card holds. */
export const NO_FILE: RecorderFile = { handle: "none", path: "none", bytes: 1 };

/** A signal that is never aborted. */
export const going = (): AbortSignal => new AbortController().signal;

type Call = (driver: RecorderDriver, file: RecorderFile, signal: AbortSignal) => Promise<unknown>;

/** Each call of a driver, and what it needs; `identify` needs nothing. */
export const CALLS: readonly { needs: Capability | null; call: Call }[] = [
  { needs: null, call: (driver, _, signal) => driver.identify(signal) },
  { needs: "battery", call: (driver, _, signal) => driver.battery(signal) },
  { needs: "clock-read", call: (driver, _, signal) => driver.readClock(signal) },
  { needs: "clock-set", call: (driver, _, signal) => driver.setClock(MODIFIED_MS, signal) },
  { needs: "wearer-read", call: (driver, _, signal) => driver.readWearer(signal) },
  { needs: "wearer-write", call: (driver, _, signal) => driver.writeWearer({ id: "012345" }, signal) },
  { needs: "files", call: (driver, _, signal) => listing(driver, signal) },
  { needs: "files", call: (driver, file, signal) => content(driver, file, 0, file.bytes, signal) },
  { needs: "remove", call: (driver, file, signal) => driver.remove(file, signal) },
  { needs: "lamp", call: (driver, _, signal) => driver.showLamp("busy", signal) },
  { needs: "restart", call: (driver, _, signal) => driver.restart(signal) },
  { needs: "switch-to-disk", call: (driver, _, signal) => driver.switchToDisk(signal) },
];

/** Runs `use` with a recorder, and takes it away whatever comes of it. */
export async function withRecorder(
  make: MakeRecorder,
  files: readonly CardFile[],
  use: (recorder: RecorderUnderTest) => Promise<void>,
): Promise<void> {
  const recorder = await make(files);
  try {
    await use(recorder);
    await closed(recorder.driver);
    assert.deepEqual(recorder.trespasses?.() ?? [], [], "asked what no driver may ask");
  } catch (error) {
    // what the check found is told, not what follows from it
    await closed(recorder.driver).catch(() => {});
    throw error;
  } finally {
    await recorder.dispose();
  }
}

/** Fails if the driver does not close, or not soon. */
export function closed(driver: RecorderDriver, what = "close"): Promise<void> {
  return within(PROMPT_MS, what, driver.close());
}

export async function listing(driver: RecorderDriver, signal = going()): Promise<Listed[]> {
  const listed: Listed[] = [];
  for await (const one of driver.list(signal)) listed.push(one);
  return listed;
}

/** The files of the listing, by path. */
export async function filesOf(driver: RecorderDriver): Promise<Map<string, RecorderFile>> {
  const files = new Map<string, RecorderFile>();
  for (const one of await listing(driver)) if (one.kind === "file") files.set(one.file.path, one.file);
  return files;
}

export async function fileAt(driver: RecorderDriver, path: string): Promise<RecorderFile> {
  const file = (await filesOf(driver)).get(path);
  assert.ok(file, `${path} is not listed`);
  return file;
}

/** What `read` gives; `taken` receives each part as it comes, a copy: the driver may use its buffer again. */
export async function content(
  driver: RecorderDriver,
  file: RecorderFile,
  offset: number,
  length: number,
  signal = going(),
  taken: Buffer[] = [],
): Promise<Buffer> {
  for await (const part of driver.read(file, offset, length, signal)) {
    assert.ok(part.length > 0, "an empty part");
    taken.push(Buffer.from(part));
  }
  return Buffer.concat(taken);
}

/** Resolves if `call` rejects with the AgentError `code`. */
export async function refuses(code: string, what: string, call: Promise<unknown>): Promise<void> {
  await call.then(
    () => assert.fail(`${what}: no ${code}`),
    (error: unknown) => assert.equal(errorCode(error), code, `${what}: ${String(error)}`),
  );
}

/** Fails if `call` is not settled in time. */
export async function within<T>(limitMs: number, what: string, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
