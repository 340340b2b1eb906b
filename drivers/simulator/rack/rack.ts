import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../../config/base/clock.ts";
import { MAKES, type Make, type RecorderTraits } from "../recorders/by-make.ts";
import { fillCard } from "./field-card.ts";
import { RecorderInPort, type RecorderSight } from "./recorder-in-port.ts";

export interface RackOptions {
  hub: string;
  recorders: number;
  /** On each card, and of each file. */
  files: number;
  bytes: number;
  /** By turns; all that there are unless given. */
  makes?: readonly Make[];
  clock: Clock;
  /** Recorders are counted from 1. */
  onSight: (number: number, sight: RecorderSight) => void;
}

/**
 * Recorders of all makes after a shift, numbered from 1: number N is made for port `1-1.N`, its card is
 * `cards/SERIAL` below the hub. None is plugged in.
 */
export function makeRack(options: RackOptions): RecorderInPort[] {
  const { hub, recorders, files, bytes, makes = MAKES, clock, onSight } = options;
  mkdirSync(hub, { recursive: true });
  return Array.from({ length: recorders }, (_, index) => {
    const number = index + 1;
    const traits = traitsOf(hub, number, makes);
    const lastMs = clock.utcMs() - 10 * 60_000;
    const wearer = wearerOf(number);
    fillCard({ folder: traits.card, serial: traits.serial, wearer, files, bytes, lastMs });
    const see = (sight: RecorderSight) => onSight(number, sight);
    return new RecorderInPort({ hub, port: `1-1.${number}`, traits, clock, onSight: see });
  });
}

const SERIAL_LETTER: Readonly<Record<Make, string>> = { mtp: "M", jieli: "J", disk: "D" };

/** The makes by turns; every seventh has little charge, every fifth a clock of the day before. */
function traitsOf(hub: string, number: number, makes: readonly Make[]): RecorderTraits {
  const make = makes[(number - 1) % makes.length] as Make;
  const serial = `${SERIAL_LETTER[make]}${String(number).padStart(6, "0")}`;
  const offSeconds = ((number * 389) % 1200) - 600;
  return {
    make,
    serial,
    batteryPercent: number % 7 === 0 ? 40 + number : 82 + ((number * 11) % 19),
    clockErrorMs: (offSeconds - (number % 5 === 0 ? 86_400 : 0)) * 1000,
    wearer: wearerOf(number),
    card: join(hub, "cards", serial),
  };
}

function wearerOf(number: number): string {
  return String(110_000 + number);
}
