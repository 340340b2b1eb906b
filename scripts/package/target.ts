/** The machines that a package is made for, by Debian's names of their architectures. */
export type Architecture = "armhf" | "arm64" | "amd64";

export interface Target {
  architecture: Architecture;
  /** As Node names it in `process.arch`. */
  nodeArch: string;
  /** Of the cross compiler's programs. */
  triplet: string;
}

const TARGETS: Record<Architecture, Target> = {
  armhf: { architecture: "armhf", nodeArch: "arm", triplet: "arm-linux-gnueabihf" },
  arm64: { architecture: "arm64", nodeArch: "arm64", triplet: "aarch64-linux-gnu" },
  amd64: { architecture: "amd64", nodeArch: "x64", triplet: "x86_64-linux-gnu" },
};

export const ARCHITECTURES = Object.keys(TARGETS) as Architecture[];

export function targetOf(architecture: Architecture): Target {
  return TARGETS[architecture];
}

/** The machine that this runs on. Throws when no package is made for its kind. */
export function ownTarget(): Target {
  const own = Object.values(TARGETS).find(({ nodeArch }) => nodeArch === process.arch);
  if (own === undefined) throw new Error(`no package is made for ${process.arch}`);
  return own;
}
