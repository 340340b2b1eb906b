import type { Clock } from "../../../config/base/clock.ts";
import { Counters } from "../../../config/base/counters.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import { BoardLink } from "../../../drivers/serial/board/board-link.ts";
import { MESSAGE_VERSION } from "../../../drivers/serial/board/messages/messages.ts";
import { Framing } from "../../../drivers/serial/frames/framing.ts";
import type { OpenSerialPort, SerialPort } from "../../../drivers/serial/line/serial-port.ts";
import { type Spread, spreadOf } from "../spread.ts";

export interface BoardPing {
  model: string;
  serial: string;
  firmware: string;
  features: string[];
  lamps: number;
  /** Why the board last started. */
  reset_reason: string;
  battery_pct: number | null;
  battery_mv: number;
  sent: number;
  answered: number;
  round_trip: Spread | null;
  /** Bytes of the line that belonged to no frame. */
  noise_bytes: number;
}

export interface PingParts {
  open: OpenSerialPort;
  clock: Clock;
  random: Random;
}

/** A board whose line is opened for the first time may need a second to start. */
const HELLO_TRIES = 10;

/**
 * Says hello to a control board, and asks it `count` times for its battery, each time once: a hello changes nothing
 * that the board shows or watches. Throws what opening throws, `board-silent` where it never answers, `board-answer`,
 * `board-version`, or why the line ended.
 */
export async function pingBoard(
  { open, clock, random }: PingParts,
  count: number,
  signal: AbortSignal,
): Promise<BoardPing> {
  const framing = await Framing.load();
  const port = await open(signal);
  let noiseBytes = 0;
  const link = new BoardLink(
    port,
    { framing, clock, counters: new Counters() },
    { onEvent: () => {}, onAlive: () => {}, onNoise: (bytes) => (noiseBytes += bytes) },
  );
  link.start();
  try {
    const identity = await greet(link, port, random, signal);
    const tripsUs: number[] = [];
    let battery = { percent: null as number | null, milliVolts: 0 };
    for (let sent = 0; sent < count; sent++) {
      const sentUs = clock.monoUs();
      try {
        battery = await link.call("battery", {}, signal, 1);
        tripsUs.push(clock.monoUs() - sentUs);
      } catch (error) {
        if (errorCode(error) !== "board-silent") throw error;
      }
    }
    return {
      ...identity,
      battery_pct: battery.percent,
      battery_mv: battery.milliVolts,
      sent: count,
      answered: tripsUs.length,
      round_trip: spreadOf(tripsUs),
      noise_bytes: noiseBytes,
    };
  } catch (error) {
    // `board-away` only says that the line ended; its end says why
    if (errorCode(error) === "board-away") throw (error as AgentError).cause ?? error;
    throw error;
  } finally {
    await port.close();
  }
}

async function greet(
  link: BoardLink,
  { path }: SerialPort,
  random: Random,
  signal: AbortSignal,
): Promise<Pick<BoardPing, "model" | "serial" | "firmware" | "features" | "lamps" | "reset_reason">> {
  const nonce = random.bytes(4).readUInt32LE();
  const told = await link.call("hello", { nonce, version: MESSAGE_VERSION }, signal, HELLO_TRIES);
  if (told.nonce !== nonce) throw new AgentError("board-answer", `${path}: answers another hello`);
  if (told.version !== MESSAGE_VERSION)
    throw new AgentError("board-version", `${path}: version ${told.version}`);
  const { model, serial, firmware, lamps } = told;
  return { model, serial, firmware, features: [...told.features], lamps, reset_reason: told.resetReason };
}
