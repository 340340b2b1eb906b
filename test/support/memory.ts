import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes that are still referred to, buffers included: what grows when something is kept. */
export function heldBytes(): number {
  collectGarbage();
  // buffers are freed behind its back: the second waits for that
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
