import { type BayState, endedBy } from "../../../capture/docking/bay-state.ts";
import { Docking } from "../../../capture/docking/docking.ts";
import type { DockingOptions, DockingParts } from "../../../capture/docking/docking-parts.ts";
import { whenThereIsRoom } from "../../../capture/docking/room.ts";
import { aborted } from "../../../config/base/deadline.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { RecorderDriver } from "../../../drivers/recorders/recorder-driver.ts";

/** A recorder that is plugged in, as the bay sees it. */
export interface PluggedRecorder {
  /** Changes with every insertion. */
  readonly insertion: number;
  /** Opens its link. Throws what the driver throws, `not-a-recorder` with the reason among it. */
  open(signal: AbortSignal): Promise<RecorderDriver>;
}

export interface BayParts {
  readonly docking: DockingParts;
  readonly toldWearer: DockingOptions["toldWearer"];
  readonly preferred: DockingOptions["preferred"];
  readonly onState: (bay: Bay, state: BayState) => void;
}

/** How long a recorder may take to come back as a disk. */
const SWITCH_MS = 30_000;
const OPEN_TRIES = 5;
const OPEN_PAUSE_MS = 1_000;

/** One place of the dock: what is plugged in there, from link to link and docking to docking. */
export class Bay {
  readonly name: string;
  readonly #parts: BayParts;
  #state: BayState = { kind: "empty" };
  #sinceMs: number;
  #docking: Docking | null = null;
  #plug: { insertion: number; pulled: AbortController; done: Promise<void> } | null = null;
  #returns: AbortController | null = null;
  /** Why dockings end, unless something else is known. */
  #endReason = "taken";
  readonly #closing = new AbortController();

  constructor(name: string, parts: BayParts) {
    this.name = name;
    this.#parts = parts;
    this.#sinceMs = parts.docking.clock.utcMs();
  }

  get state(): BayState {
    return this.#state;
  }

  /** When it came to this state, UTC. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** The docking that goes on here; null: empty, or nothing that would say who it is. */
  get docking(): Docking | null {
    return this.#docking;
  }

  plug(recorder: PluggedRecorder): void {
    const before = this.#plug;
    before?.pulled.abort();
    this.#returns?.abort();
    const pulled = new AbortController();
    // one link after the other: what the last one has to sign comes first
    const done = (before?.done ?? Promise.resolve()).then(() => this.#serve(recorder, pulled.signal));
    this.#plug = { insertion: recorder.insertion, pulled, done };
  }

  unplug(insertion: number): void {
    if (this.#plug?.insertion === insertion) this.#plug.pulled.abort();
  }

  /** Ends the docking as if the recorder were taken, with this reason; resolves when all is signed. */
  async close(reason: string): Promise<void> {
    this.#endReason = reason;
    this.#plug?.pulled.abort();
    this.#returns?.abort();
    // a disk without room must not keep the agent from stopping
    this.#closing.abort();
    await this.#plug?.done;
    await this.#end();
  }

  async #serve(recorder: PluggedRecorder, pulled: AbortSignal): Promise<void> {
    const { log } = this.#parts.docking;
    let driver: RecorderDriver | null = null;
    try {
      driver = await this.#open(recorder, pulled);
      // only a disk comes back: anything else is another recorder
      if (this.#docking !== null && driver.name !== "mass-storage") await this.#end("no-disk");
      this.#docking ??= new Docking(this.#parts.docking, {
        bay: this.name,
        toldWearer: this.#parts.toldWearer,
        preferred: this.#parts.preferred,
        onState: (state) => this.#to(state),
      });
      const end = await this.#docking.run(driver, pulled);
      await driver.close();
      if (end.kind === "switched") await this.#awaitReturn(recorder.insertion);
      else await this.#end();
    } catch (error) {
      await driver?.close();
      const code = errorCode(error);
      log.warn({ bay: this.name, code, err: error }, "bay failed");
      this.#parts.docking.counters.add(`bay-${code}`);
      if (!pulled.aborted) {
        this.#to(endedBy(code, detailOf(error)));
        await aborted(pulled);
      }
      await this.#end();
    }
  }

  /** A device may need a moment, and a disk a mount, before it can be opened. */
  async #open(recorder: PluggedRecorder, pulled: AbortSignal): Promise<RecorderDriver> {
    const { clock } = this.#parts.docking;
    for (let tries = 1; ; tries++) {
      try {
        return await recorder.open(pulled);
      } catch (error) {
        const isRefused = endedBy(errorCode(error), "").kind === "refused";
        if (tries >= OPEN_TRIES || pulled.aborted || isRefused) throw error;
      }
      await clock.sleep(OPEN_PAUSE_MS, pulled);
    }
  }

  /** The link is over and the docking is not: it goes on when the disk is plugged, or ends when it does not come. */
  async #awaitReturn(insertion: number): Promise<void> {
    // it may be back before its old link was closed
    if (this.#plug?.insertion !== insertion) return;
    const returns = new AbortController();
    this.#returns = returns;
    const isBack = await this.#parts.docking.clock.sleep(SWITCH_MS, returns.signal).then(
      () => false,
      () => true,
    );
    this.#returns = null;
    if (!isBack) await this.#end("no-disk");
  }

  /** Never throws: what cannot be signed is told, and the bay is free for the next recorder. */
  async #end(reason = this.#endReason): Promise<void> {
    const docking = this.#docking;
    this.#docking = null;
    const { clock, counters, log } = this.#parts.docking;
    if (docking !== null) {
      try {
        // what a dock knows is signed when there is room again
        await whenThereIsRoom(() => docking.end(reason), clock, this.#closing.signal);
        return;
      } catch (error) {
        counters.add("docking-unsigned");
        log.error({ bay: this.name, code: errorCode(error), err: error }, "docking not signed");
      }
    }
    this.#to({ kind: "empty" });
  }

  #to(state: BayState): void {
    if (state.kind !== this.#state.kind) this.#sinceMs = this.#parts.docking.clock.utcMs();
    this.#state = state;
    this.#parts.onState(this, state);
  }
}

function detailOf(error: unknown): string {
  return error instanceof AgentError ? error.place : String(error);
}
