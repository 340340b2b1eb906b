import type { BayState } from "../../../capture/docking/bay-state.ts";
import type { DockingParts } from "../../../capture/docking/docking-parts.ts";
import type { Preferred } from "../../../capture/import/turns/preferences.ts";
import { AgentError } from "../../../config/base/errors.ts";
import { Bay, type PluggedRecorder } from "./bay.ts";
import { WearerBook } from "./wearer-book.ts";

export interface BaysOptions {
  readonly docking: DockingParts;
  /** Names of bays by the port that they are wired to; other ports are bays of their own name. */
  readonly names: ReadonlyMap<string, string>;
  /** A bay came to a state. */
  readonly onState: (bay: string, state: BayState) => void;
  /** Puts a recorder, or one of its files, to the front of what is imported. */
  readonly prefer: (which: Preferred) => void;
  /** Takes that back: its docking is over. */
  readonly unprefer: (which: Preferred) => void;
}

/** More bays than any dock has: what reports more ports is no dock. */
const MAX_BAYS = 256;
/** A badge that comes so soon after a recorder was put in is meant for it. */
const JUST_MS = 60_000;

/** All bays of a dock, each undisturbed by the others. */
export class Bays {
  readonly wearers: WearerBook;
  readonly #options: BaysOptions;
  readonly #bays = new Map<string, Bay>();
  /** By bay, for as long as a recorder is in it. */
  readonly #preferred = new Map<string, Preferred[]>();

  constructor(options: BaysOptions) {
    this.#options = options;
    this.wearers = new WearerBook(options.docking.clock);
    for (const name of options.names.values()) this.#add(name);
  }

  /** In order of their names. */
  list(): Bay[] {
    return [...this.#bays.values()].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  }

  /** A bay by its name, or the one that holds the recorder of this serial. Throws `bay-unknown`. */
  find(nameOrSerial: string): Bay {
    const bay =
      this.#bays.get(nameOrSerial) ??
      this.list().find(({ docking }) => docking?.introduced?.identity.serial === nameOrSerial);
    if (bay !== undefined) return bay;
    const names = this.list().map(({ name }) => name);
    throw new AgentError("bay-unknown", nameOrSerial, {
      next: names.length === 0 ? "no recorder is docked" : `bays: ${names.join(", ")}`,
    });
  }

  plug(port: string, recorder: PluggedRecorder): void {
    const name = this.#options.names.get(port) ?? port;
    const bay = this.#bays.get(name) ?? this.#add(name);
    if (bay === null) return;
    const badge = bay.docking === null ? this.wearers.takeBadge() : undefined;
    if (badge !== undefined) this.wearers.tell(name, badge);
    bay.plug(recorder);
  }

  unplug(port: string, insertion: number): void {
    const bay = this.#bays.get(this.#options.names.get(port) ?? port);
    const taker = bay?.docking === null ? undefined : this.wearers.takeBadge();
    if (taker !== undefined) bay?.docking?.handOut(taker);
    bay?.unplug(insertion);
  }

  /** A badge was read: for a recorder just put in whose wearer nobody knows, else for the next put in or taken out. */
  badge(wearer: string): void {
    const waiting = this.list().find(
      ({ docking, sinceMs }) =>
        docking !== null &&
        docking.wearer === undefined &&
        this.#options.docking.clock.utcMs() - sinceMs < JUST_MS,
    );
    if (waiting === undefined) this.wearers.read(wearer);
    else this.wearers.tell(waiting.name, wearer);
  }

  /** Moves a recorder, or one file on it, to the front. Throws `bay-unknown`, `bay-empty`. */
  prefer(nameOrSerial: string, path?: string): void {
    const serial = this.serialIn(nameOrSerial);
    const { name } = this.find(nameOrSerial);
    const which = path === undefined ? { serial } : { serial, path };
    const preferred = this.#preferred.get(name) ?? [];
    if (!preferred.some((one) => one.path === path)) this.#preferred.set(name, [...preferred, which]);
    this.#options.prefer(which);
  }

  /** Serial of the recorder in a bay. Throws `bay-unknown`, `bay-empty`. */
  serialIn(nameOrSerial: string): string {
    const bay = this.find(nameOrSerial);
    const serial = bay.docking?.introduced?.identity.serial;
    if (serial === undefined) throw new AgentError("bay-empty", `bay ${bay.name}: ${bay.state.kind}`);
    return serial;
  }

  /** Ends every docking; resolves when all of them are signed. */
  async close(reason: string): Promise<void> {
    await Promise.all(this.list().map((bay) => bay.close(reason)));
  }

  #add(name: string): Bay | null {
    const { docking } = this.#options;
    if (this.#bays.size >= MAX_BAYS) {
      docking.counters.add("dock-too-many-bays");
      return null;
    }
    const bay = new Bay(name, {
      docking,
      toldWearer: () => this.wearers.told(name),
      preferred: () => this.#pathsPreferredIn(name),
      onState: (changed, state) => this.#onState(changed, state),
    });
    this.#bays.set(name, bay);
    return bay;
  }

  #pathsPreferredIn(bay: string): ReadonlySet<string> {
    const preferred = this.#preferred.get(bay) ?? [];
    return new Set(preferred.flatMap(({ path }) => (path === undefined ? [] : [path])));
  }

  #onState(bay: Bay, state: BayState): void {
    const { log } = this.#options.docking;
    const serial = bay.docking?.introduced?.identity.serial;
    log.info({ bay: bay.name, ...state, ...(serial === undefined ? {} : { serial }) }, "bay");
    this.#options.onState(bay.name, state);
    if (state.kind !== "empty") return;
    this.wearers.forget(bay.name);
    for (const which of this.#preferred.get(bay.name) ?? []) this.#options.unprefer(which);
    this.#preferred.delete(bay.name);
  }
}
