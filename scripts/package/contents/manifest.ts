import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NATIVE_PACKAGES } from "../programs/bundle.ts";

/** What the programs run on: the Node that can be had for 32-bit ARM. The project's tools want a newer one. */
export const SHIPPED_ENGINES = { node: ">=20.11" };

interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  dependencies: Record<string, string>;
}

/** The package.json of the package: by it the programs find what lies beside them. */
export function manifestOf(root: string): string {
  const { name, version, description, license, dependencies } = manifestAt(root);
  const natives = NATIVE_PACKAGES.map((native) => [native, dependencies[native]]);
  const manifest = {
    ...{ name, version, description, license },
    engines: SHIPPED_ENGINES,
    bin: { fulltrace: "programs/fulltrace.cjs" },
    dependencies: Object.fromEntries(natives),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

export function manifestAt(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}
