import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { backoff } from "../../../config/base/backoff.ts";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import { ProcessClient } from "../../../config/threads/process-rpc.ts";
import type { RecorderDriver } from "../../recorders/recorder-driver.ts";
import type { Finding } from "../fingerprints.ts";
import type { UsbDevice } from "../usb-link.ts";
import type { RecorderOptions } from "./driver-table.ts";
import { watchHealth, within } from "./process-health.ts";
import { Quarantine, type QuarantineLimits, type Sentence } from "./quarantine.ts";
import { RemoteRecorder, type UsbProcessClient } from "./remote-recorder.ts";
import { SpokenWith } from "./spoken-with.ts";
import type { BusChoice, UsbProcessEvent, UsbProcessOperations } from "./usb-messages.ts";

const PROGRAM = new URL("./usb-process.js", import.meta.url);

/** A Unix socket's name holds 107 bytes; `usb-4294967295.sock` and a slash are part of it. */
const MAX_FOLDER_BYTES = 87;
const HEAP_MIB = 64;
/**
 * As the command's first line has it: transfers that are over go back to the system, threads share two heaps, and
 * libuv starts no kernel thread that polls.
 */
const AS_COMMAND = { UV_USE_IO_URING: "0", MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "131072" };
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
const FIRST_RESTART_MS = 500;
const MAX_RESTART_MS = 30_000;
/** A process that has lived so long begins anew with short waits. */
const STEADY_MS = 60_000;

export interface UsbHostOptions {
  bus: BusChoice;
  /** Folder of the data sockets, made and kept private (0700); at most 87 bytes long. */
  folder: string;
  clock: Clock;
  random: Random;
  onEvent: (event: UsbHostEvent) => void;
  /** The compiled module that runs; the shipped one unless a test has its own drivers. */
  program?: URL;
  /** How long the process may stay silent before it is killed. */
  pingTimeoutMs?: number;
  /** How devices are treated that end the process; the shipped limits but in tests. */
  quarantine?: QuarantineLimits;
}

export type UsbHostEvent =
  | { kind: "attached"; device: UsbDevice; finding: Finding }
  | { kind: "detached"; device: UsbDevice }
  /** It has ended the process too often, and is left alone; then it comes as attached. */
  | { kind: "quarantined"; device: UsbDevice; sentence: Sentence }
  /** Something is not as it should be, and work goes on. */
  | { kind: "warning"; code: string; place: string; next?: string }
  /** The process is gone; every device was told as detached, and comes again when it is back. */
  | { kind: "restarting"; error: AgentError; waitMs: number; restarts: number };

/**
 * The main process's side of USB: keeps one child process alive in which libusb and the drivers run. A crash
 * there costs the recorders one link each, and nothing here.
 */
export class UsbHost {
  readonly #options: UsbHostOptions;
  readonly #stopping = new AbortController();
  readonly #devices = new Map<number, UsbDevice>();
  readonly #quarantine: Quarantine;
  /** Of the process that runs. */
  #spokenWith = new SpokenWith();
  #client: UsbProcessClient | null = null;
  #socket = "";
  #generation = 0;
  #lastInsertion = 0;
  #restarts = 0;
  #ended: Promise<void> = Promise.resolve();

  private constructor(options: UsbHostOptions) {
    this.#options = options;
    this.#quarantine = new Quarantine(options.clock, options.quarantine);
  }

  /**
   * Resolves when the process has told what is plugged in, or could not be started and is waited for.
   * Throws `usb-folder` for a folder that cannot be used.
   */
  static async start(options: UsbHostOptions): Promise<UsbHost> {
    const { folder } = options;
    if (Buffer.byteLength(folder) > MAX_FOLDER_BYTES) {
      throw new AgentError("usb-folder", folder, { next: "choose a folder with a shorter path" });
    }
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    const host = new UsbHost(options);
    await host.#begin();
    return host;
  }

  /** How often the process had to be started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Of the child; absent while none runs. For tests, and for whoever measures it. */
  get pid(): number | undefined {
    return this.#client?.pid;
  }

  /**
   * Speaks to a device whose finding named a driver. Throws `recorder-gone` if it is not there any more,
   * `unsupported` for what no driver of the process speaks with, `usb-access`, `usb-busy`.
   */
  async open(device: UsbDevice, options: RecorderOptions, signal: AbortSignal): Promise<RecorderDriver> {
    const client = this.#client;
    if (client === null || !this.#devices.has(device.insertion))
      throw new AgentError("recorder-gone", device.port);
    const { insertion } = device;
    const spokenWith = this.#spokenWith;
    spokenWith.begin(device);
    const onClosed = () => spokenWith.end(insertion);
    try {
      const request = { insertion, options, socket: this.#socket, onClosed };
      return await RemoteRecorder.open(client, request, signal);
    } catch (error) {
      // gone with its process, it was spoken with to the end
      if (errorCode(error) !== "recorder-gone") onClosed();
      throw error;
    }
  }

  /** Ends the process; never throws. Devices are not told as detached. */
  async stop(): Promise<void> {
    this.#stopping.abort(new AgentError("usb-process-stopped", "stop"));
    const client = this.#client;
    if (client !== null) {
      await within(this.#options.clock, STOP_TIMEOUT_MS, client.call("stop", [])).catch(() => {});
      client.kill(new AgentError("usb-process-stopped", "stop"));
    }
    await this.#ended;
  }

  #begin(): Promise<void> {
    return new Promise((resolve) => {
      this.#ended = this.#keepAlive(resolve);
    });
  }

  /** One process after the other, until `stop`. Never rejects. */
  async #keepAlive(onFirstStart: () => void): Promise<void> {
    const { clock, random, onEvent } = this.#options;
    let waits = backoff(FIRST_RESTART_MS, MAX_RESTART_MS, random);
    while (!this.#stopping.signal.aborted) {
      const begunUs = clock.monoUs();
      const error = await this.#runOnce(onFirstStart);
      onFirstStart();
      if (this.#stopping.signal.aborted) return;
      const isSteady = clock.monoUs() - begunUs > STEADY_MS * 1000;
      const culprit = this.#quarantine.ended(this.#spokenWith.ports());
      // whoever ended it is left alone: the others need not wait
      if (isSteady || culprit !== null) waits = backoff(FIRST_RESTART_MS, MAX_RESTART_MS, random);
      this.#restarts++;
      for (const device of this.#devices.values()) onEvent({ kind: "detached", device });
      this.#devices.clear();
      const waitMs = waits.next().value;
      onEvent({ kind: "restarting", error, waitMs, restarts: this.#restarts });
      await clock.sleep(waitMs, this.#stopping.signal).catch(() => {});
    }
  }

  /** The life of one process; resolves with what ended it, when it is gone. */
  async #runOnce(onStarted: () => void): Promise<AgentError> {
    const socket = join(this.#options.folder, `usb-${++this.#generation}.sock`);
    const client: UsbProcessClient = new ProcessClient<UsbProcessOperations, UsbProcessEvent>(
      this.#options.program ?? PROGRAM,
      { env: environment(), heapMiB: HEAP_MIB },
      (event) => this.#onEvent(event),
    );
    this.#client = client;
    this.#socket = socket;
    this.#spokenWith = new SpokenWith();
    const health = new AbortController();
    void this.#keepHealthy(client, socket, onStarted, health.signal);
    const error = await this.#endOf(client);
    health.abort();
    this.#client = null;
    await rm(socket, { force: true }).catch(() => {});
    return error;
  }

  /** A process that a system call holds survives even SIGKILL: it is left to the system, and the next one begins. */
  #endOf(client: UsbProcessClient): Promise<AgentError> {
    const ended = new AbortController();
    const given = client.killed.then(async (reason) => {
      await this.#options.clock.sleep(STOP_TIMEOUT_MS, ended.signal).catch(() => {});
      return reason;
    });
    return Promise.race([client.ended, given]).finally(() => ended.abort());
  }

  /** Starts it, and kills it when it does not do well any more. Never rejects. */
  async #keepHealthy(
    client: UsbProcessClient,
    socket: string,
    onStarted: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { bus, clock, pingTimeoutMs } = this.#options;
    const start = { bus, socket, lastInsertion: this.#lastInsertion, held: this.#quarantine.held() };
    try {
      await within(clock, START_TIMEOUT_MS, client.call("start", [start]));
      onStarted();
      void this.#letIn(client, signal);
      await watchHealth(client, { clock, pingTimeoutMs, devices: () => this.#devices.size }, signal);
    } catch (error) {
      if (signal.aborted || this.#stopping.signal.aborted) return;
      const known = error instanceof AgentError;
      client.kill(known ? error : new AgentError("usb-process-failed", "start", { cause: error }));
    }
  }

  /** Lets in, one after the other, what the process was to leave alone. Never rejects. */
  async #letIn(client: UsbProcessClient, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    try {
      for (let next = this.#quarantine.next(); next !== null; next = this.#quarantine.next()) {
        await clock.sleep(next.inMs, signal);
        const trialMs = this.#quarantine.letIn(next.port);
        await client.call("admit", [next.port]);
        await clock.sleep(trialMs, signal);
        // a process that hangs is found out later than it does
        await client.call("ping", []);
        this.#quarantine.acquit();
      }
    } catch {
      // the process has ended: the next one begins anew
    }
  }

  #onEvent(event: UsbProcessEvent): void {
    const { onEvent } = this.#options;
    switch (event.kind) {
      case "held": {
        this.#know(event.device);
        const sentence = this.#quarantine.sentenceOf(event.device.port);
        if (sentence !== null) onEvent({ kind: "quarantined", device: event.device, sentence });
        return;
      }
      case "looking":
        this.#spokenWith.begin(event.device);
        return;
      case "attached":
        this.#spokenWith.end(event.device.insertion);
        this.#know(event.device);
        onEvent(event);
        return;
      case "detached": {
        this.#spokenWith.gone(event.insertion);
        const device = this.#devices.get(event.insertion);
        this.#devices.delete(event.insertion);
        if (device !== undefined) onEvent({ kind: "detached", device });
        return;
      }
      case "warning":
        onEvent(event);
        return;
    }
  }

  #know(device: UsbDevice): void {
    this.#lastInsertion = Math.max(this.#lastInsertion, device.insertion);
    this.#devices.set(device.insertion, device);
  }
}

/** Nothing that could be a secret: what Node and libusb look at, and the zone. */
function environment(): Record<string, string> {
  const kept = ["PATH", "LANG", "LC_ALL", "TZ", "LIBUSB_DEBUG"];
  const inherited = kept.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), ...AS_COMMAND };
}
