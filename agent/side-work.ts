import type { AgentStatus, Alarm } from "./control/protocol.ts";

/** What a device or a receiver does beside its own work. */
export interface SideWork {
  start(): void;
  stop(): Promise<void>;
  /** Its own part of the status; alarms and counters come on top of the others. */
  status(): Pick<AgentStatus, "share"> & { alarms: Alarm[]; counters: Record<string, number> };
}
