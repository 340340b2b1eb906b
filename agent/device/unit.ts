import type { AgentStatus, ControlHandlers } from "../control/protocol.ts";

/** What a device does beside keeping its ledger: a recorder films, a dock empties recorders. */
export interface DeviceUnit {
  readonly isRecording: boolean;
  /** Of the unit itself, in percent; undefined: not known. */
  readonly batteryPct: number | undefined;
  /** Resolves when the power is about to go; never where nothing tells. */
  readonly powerOff: Promise<unknown>;
  /** Begins its work; `resume`: something was being recorded before. */
  start(resume: boolean): void;
  /** There is room for media. */
  spaceFreed(): void;
  /** Ends its work; resolves when everything that it has to sign is durable. null: for no reason of its own. */
  stop(reason: string | null): Promise<void>;
  /** The ledger is closed, or could not be: lets go of its hardware, and tells it what is true then. */
  release(end: "orderly" | "failed"): Promise<void>;
  handlers(): ControlHandlers;
  /** Its own part of the status. */
  status(): Omit<AgentStatus, "role" | "agent" | "pid" | "started_ms" | "free_bytes" | "alarms">;
}
