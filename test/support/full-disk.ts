import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { TestContext } from "node:test";

/** A disk that says it has no room, until `makeRoom` or the end of the test. */
export function fullDisk(t: TestContext): { makeRoom: () => void } {
  const { statfsSync } = fs;
  const says = (fake: typeof statfsSync) => {
    fs.statfsSync = fake;
    syncBuiltinESMExports();
  };
  const makeRoom = () => says(statfsSync);
  says(((path: string) => ({ ...statfsSync(path), bavail: 0 })) as typeof statfsSync);
  t.after(makeRoom);
  return { makeRoom };
}
