import { SetupError } from "./say.mjs";

/** Whether `version` (as `20.19.0`) satisfies `required` (as `>=20.19`). */
export function satisfies(version, required) {
  const wanted = required.replace(">=", "").split(".").map(Number);
  const found = version.split(".").map(Number);
  for (const [i, least] of wanted.entries()) {
    if ((found[i] ?? 0) !== least) return (found[i] ?? 0) > least;
  }
  return true;
}

/** Throws when this Node is older than the `engines` of package.json ask for. */
export function requireNode(required, version = process.versions.node) {
  if (satisfies(version, required)) return;
  throw new SetupError(
    `Node ${version} is too old: fulltrace needs Node ${required}.`,
    "install it, for example from https://nodejs.org or with `apt-get install nodejs` on Debian 13, and run this again.",
  );
}
