import { systemClock } from "../../../../config/base/clock.ts";

/** A certificate that ends so soon is renewed now. */
const RENEW_MS = 30 * 86_400_000;

export function endsSoon(untilMs: number): boolean {
  return untilMs - systemClock.utcMs() < RENEW_MS;
}

/** `2026-11-26`, UTC. */
export function dateText(utcMs: number): string {
  return new Date(utcMs).toISOString().slice(0, 10);
}
