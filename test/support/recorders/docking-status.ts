import type { DockingStatus } from "../../../drivers/recorders/fulltrace/wire.ts";

/** What a recorder with nothing to tell answers its dock. */
export function quietStatus(dev: string, told: Partial<DockingStatus> = {}): DockingStatus {
  return {
    dev,
    serial: "0000042",
    model: "BWC-1",
    agent: "fulltrace/0.1.0",
    checkpoint: `fulltrace/${dev}\n1\nroot\n\n— x y\n`,
    recording: false,
    backlog_entries: 0,
    backlog_bytes: 0,
    oldest_ms: 0,
    free_bytes: 0,
    alarms: [],
    utc_ms: 0,
    clock_src: "none",
    ...told,
  };
}
