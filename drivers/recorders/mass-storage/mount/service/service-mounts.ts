import { realpathSync } from "node:fs";
import { AgentError } from "../../../../../config/base/errors.ts";
import { ask } from "../../../../../config/orders/one-order.ts";
import type { CardMounts, CardPlace, MountWish } from "../mounts/card-mounts.ts";
import { type MountOrder, parseAnswer } from "./wire.ts";

/** Longer than the longest that mount(8) and umount(8) are given there. */
const PATIENCE_MS = 90_000;

/** Has the mounting service mount what this program has no right to. */
export class ServiceMounts implements CardMounts {
  readonly #socket: string;
  readonly #directory: string;

  /** `directory`: the one that the service mounts below; it is the service's own. */
  constructor(socket: string, directory: string) {
    this.#socket = socket;
    this.#directory = directory;
  }

  /** Throws `card-mount-failed` when the folder is not there. */
  async begin(): Promise<string> {
    try {
      return realpathSync(this.#directory);
    } catch (cause) {
      throw this.#failed(`${this.#directory}: the folder of cards is missing`, cause);
    }
  }

  async mount({ place, part, fileSystem, utcOffsetMin, access }: MountWish): Promise<void> {
    await this.#order({ do: "mount", ...place, part: part.name, fileSystem, utcOffsetMin, access });
  }

  async unmount(place: CardPlace, how: "whole" | "lazily"): Promise<void> {
    await this.#order({ do: "unmount", ...place, how });
  }

  async #order(order: MountOrder): Promise<void> {
    const line = await ask(this.#socket, order, PATIENCE_MS).catch((cause: Error) => {
      throw this.#failed(cause.message, cause);
    });
    const answer = parseAnswer(line);
    if (!("done" in answer)) throw new AgentError(answer.code, answer.place);
  }

  #failed(why: string, cause?: unknown): AgentError {
    return new AgentError("card-mount-failed", why, {
      cause,
      next: "systemctl status fulltrace-mounter.socket; docs/service.md says what it needs",
    });
  }
}
