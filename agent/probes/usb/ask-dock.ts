import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Config } from "../../../config/schema.ts";
import { callAgent } from "../../control/client.ts";
import type { BayStatus } from "../../control/methods/dock-methods.ts";
import { bayAt } from "./bus-watch.ts";

const ANSWER_MS = 5_000;

/** A recorder as the dock knows it that holds it. */
export type DockedRecorder = BayStatus & { recorder: NonNullable<BayStatus["recorder"]> };

/**
 * What the dock that runs by this configuration knows of the recorder in `port`. null: none runs. Throws
 * `usb-held-by-dock` when it does not know yet, `usb-port-empty`, or what asking throws.
 */
export async function askDock(config: Config | null, port: string): Promise<DockedRecorder | null> {
  if (config?.role !== "dock") return null;
  const name = bayAt(config, port) ?? port;
  const bays = await callAgent(config.dataDir, "dock.bays", {}, { timeoutMs: ANSWER_MS }).then(
    (answer) => answer.bays,
    (error: unknown) => {
      if (errorCode(error) === "agent-not-running") return null;
      throw error;
    },
  );
  if (bays === null) return null;
  const bay = bays.find((one) => one.bay === name);
  if (bay === undefined || bay.state === "empty") throw new AgentError("usb-port-empty", port);
  if (bay.recorder === undefined) {
    throw new AgentError(
      "usb-held-by-dock",
      `${port}: ${bay.state}${bay.code === undefined ? "" : `, ${bay.code}`}`,
    );
  }
  return { ...bay, recorder: bay.recorder };
}
