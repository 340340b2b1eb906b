import type { AgentError } from "../../../config/base/errors.ts";
import { Framing } from "../../../drivers/serial/frames/framing.ts";
import type { OpenSerialPort } from "../../../drivers/serial/line/serial-port.ts";
import { type LineLanguage, LineReader, type LineSight } from "./line-reader.ts";

/**
 * Tells what stands on a line until the signal aborts; nothing is written to it. Throws what opening throws, or
 * why the line ended.
 */
export async function monitorLine(
  open: OpenSerialPort,
  language: LineLanguage | "auto",
  onSight: (sight: LineSight) => void,
  signal: AbortSignal,
): Promise<void> {
  const framing = await Framing.load();
  let port: Awaited<ReturnType<OpenSerialPort>>;
  try {
    port = await open(signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  const close = () => void port.close();
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  const reader = new LineReader(framing, language, onSight);
  port.deliverTo((bytes) => reader.push(bytes));
  const reason: AgentError = await port.ended;
  reader.end();
  signal.removeEventListener("abort", close);
  if (!signal.aborted) throw reason;
}
