import { fraction, type Random } from "./random.ts";

/**
 * Endless waiting times in ms: exponential from `firstMs` to at most `maxMs`, each drawn from the
 * upper half of its step ("equal jitter") so that a fleet does not return in one wave.
 */
export function* backoff(firstMs: number, maxMs: number, random: Random): Generator<number, never, void> {
  let stepMs = firstMs;
  for (;;) {
    yield Math.round(stepMs / 2 + (stepMs / 2) * fraction(random));
    stepMs = Math.min(stepMs * 2, maxMs);
  }
}
