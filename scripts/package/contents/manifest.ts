import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NATIVE_PACKAGES } from "../programs/bundle.ts";

interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  engines: { node: string };
  dependencies: Record<string, string>;
}

/** The package.json of the package: by it the programs find what lies beside them. */
export function manifestOf(root: string): string {
  const { name, version, description, license, engines, dependencies } = manifestAt(root);
  const natives = NATIVE_PACKAGES.map((native) => [native, dependencies[native]]);
  const manifest = {
    ...{ name, version, description, license, engines },
    bin: { fulltrace: "programs/fulltrace.cjs" },
    dependencies: Object.fromEntries(natives),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

export function manifestAt(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}
