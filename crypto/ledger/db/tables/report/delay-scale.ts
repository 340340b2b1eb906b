/** Below it all delays are one step: receipts are signed at most every 10 s. */
const FIRST_MS = 1000;
const STEPS_PER_OCTAVE = 4;

/** The step of the scale that a delay lies on: 0 below one second, each further one 19 % wider than the last. */
export function delayStep(delayMs: number): number {
  if (delayMs < FIRST_MS) return 0;
  return 1 + Math.floor(Math.log2(delayMs / FIRST_MS) * STEPS_PER_OCTAVE);
}

/** Where a step begins and ends, ms. */
export function delayStepEdges(step: number): { fromMs: number; toMs: number } {
  const edge = (at: number) => FIRST_MS * 2 ** (at / STEPS_PER_OCTAVE);
  return step === 0 ? { fromMs: 0, toMs: FIRST_MS } : { fromMs: edge(step - 1), toMs: edge(step) };
}
