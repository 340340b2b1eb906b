import type { AgentStatus, ControlHandlers } from "../control/protocol.ts";

/** What a device does beside keeping its ledger: a recorder films, a dock empties recorders. */
export interface DeviceUnit {
  readonly isRecording: boolean;
  /** Begins its work; `resume`: something was being recorded before. */
  start(resume: boolean): void;
  /** There is room for media. */
  spaceFreed(): void;
  /** Ends its work; resolves when everything that it has to sign is durable. */
  stop(): Promise<void>;
  handlers(): ControlHandlers;
  /** Its own part of the status. */
  status(): Pick<AgentStatus, "recording" | "dock" | "counters">;
}
