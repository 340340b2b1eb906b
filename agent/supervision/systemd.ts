import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "../../config/base/clock.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import { tellWhileAlive } from "./liveness.ts";
import { type Supervisor, UNSUPERVISED } from "./supervisor.ts";

/** systemd's service notification, sd_notify(3) and sd_watchdog_enabled(3). */

/** Node has no datagram sockets of the local kind; this program of systemd's has. */
const NOTIFY = "systemd-notify";
const NOTIFY_TIMEOUT_MS = 10_000;
/** Within its time the watchdog is told so often: one that is missed does no harm. */
const TIMES = 3;

/** Sends `VARIABLE=VALUE` lines to the service manager. Throws `systemd-silent` when it does not take them. */
export type Notify = (...assignments: string[]) => Promise<void>;

export interface SystemdParts {
  readonly notify: Notify;
  readonly clock: Clock;
  readonly log: Logger;
  /** What `WATCHDOG_USEC` says; 0: nobody watches. */
  readonly watchdogMs: number;
}

/** A supervisor that is systemd. What cannot be told is logged, and ends nothing. */
export class Systemd implements Supervisor {
  readonly #parts: SystemdParts;
  #told: Promise<void> = Promise.resolve();

  constructor(parts: SystemdParts) {
    this.#parts = parts;
  }

  ready(): void {
    void this.#tell("READY=1");
  }

  stopping(): void {
    void this.#tell("STOPPING=1");
  }

  async keepTold(answers: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, watchdogMs } = this.#parts;
    if (watchdogMs === 0) return;
    const tell = () => this.#tell("WATCHDOG=1");
    await tellWhileAlive({ clock, everyMs: watchdogMs / TIMES, answers, tell }, signal);
  }

  /** One after the other, in order. */
  #tell(assignment: string): Promise<void> {
    const { notify, log } = this.#parts;
    this.#told = this.#told
      .then(() => notify(assignment))
      .catch((err: unknown) => log.warn({ err, assignment }, "systemd not told"));
    return this.#told;
  }
}

/**
 * The supervisor that the environment names. Takes its variables out of `env`: a child process has nothing to
 * tell systemd.
 */
export function supervisorOf(
  env: NodeJS.ProcessEnv,
  { clock, log }: { clock: Clock; log: Logger },
): Supervisor {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = env;
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete env[name];
  if (socket === undefined) return UNSUPERVISED;
  const isWatched = /^[1-9]\d{0,15}$/.test(usec ?? "") && (pid === undefined || pid === `${process.pid}`);
  const watchdogMs = isWatched ? Number(usec) / 1000 : 0;
  return new Systemd({ notify: notifyAt(socket), clock, log, watchdogMs });
}

/** Over the socket that systemd has made. */
export function notifyAt(socket: string): Notify {
  return async (...assignments) => {
    const child = spawn(NOTIFY, assignments, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { PATH: process.env.PATH, NOTIFY_SOCKET: socket },
      timeout: NOTIFY_TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    let told = "";
    child.stderr.on("data", (piece: Buffer) => {
      told = `${told}${piece}`.slice(0, 400);
    });
    const failed = (why: string, cause?: unknown) => new AgentError("systemd-silent", why, { cause });
    const [code, signal] = await once(child, "close").catch((cause: Error) => {
      throw failed(cause.message, cause);
    });
    if (code !== 0) throw failed(`${told.trim()} (${NOTIFY} ended with ${signal ?? code})`);
  };
}
