import { AgentError } from "../../../config/base/errors.ts";
import { ask } from "../../../config/orders/one-order.ts";
import type { Bundle, Slot } from "../rauc/told.ts";
import { parseAnswer, type UpdateAnswer, type UpdateOrder } from "./wire.ts";

/** What the updating service knows. */
export interface Installed {
  slots: Slot[];
  /** Of the slot that runs. */
  version: string;
  minimumVersion: string;
}

const SHORT_MS = 120_000;
/** Longer than RAUC is given. */
const INSTALL_MS = 35 * 60_000;

/** The updating service, for a program without its rights. Every call throws the service's code, or `update-failed`; its signal ends the waiting, and not what the service does. */
export class UpdatingClient {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async inspect(signal?: AbortSignal): Promise<Bundle> {
    const answer = await this.#ask("inspect", SHORT_MS, signal);
    if ("bundle" in answer) return answer.bundle;
    throw this.#failed("no answer to inspect");
  }

  async status(signal?: AbortSignal): Promise<Installed> {
    const answer = await this.#ask("status", SHORT_MS, signal);
    if ("slots" in answer) return answer;
    throw this.#failed("no answer to status");
  }

  async install(signal?: AbortSignal): Promise<void> {
    await this.#ask("install", INSTALL_MS, signal);
  }

  async good(signal?: AbortSignal): Promise<void> {
    await this.#ask("good", SHORT_MS, signal);
  }

  async restart(signal?: AbortSignal): Promise<void> {
    await this.#ask("restart", SHORT_MS, signal);
  }

  async #ask(order: UpdateOrder["do"], patienceMs: number, signal?: AbortSignal): Promise<UpdateAnswer> {
    const line = await ask(this.#socket, { do: order }, patienceMs, signal).catch((cause: Error) => {
      throw this.#failed(cause.message, cause);
    });
    const answer = parseAnswer(line);
    if ("code" in answer) throw new AgentError(answer.code, answer.place);
    return answer;
  }

  #failed(why: string, cause?: unknown): AgentError {
    return new AgentError("update-failed", why, {
      cause,
      next: "systemctl status fulltrace-updater.socket; docs/update.md says what it needs",
    });
  }
}
