import { readFileSync } from "node:fs";

/** One line of /proc/self/mountinfo, proc(5). */
export interface Mount {
  /** `major:minor` of what is mounted. */
  device: string;
  /** The part of the file system that is mounted; `/` is all of it. */
  root: string;
  /** Where it is mounted. */
  target: string;
  /** Of this mount: `ro`, `nosuid` … */
  options: ReadonlySet<string>;
  fileSystem: string;
  /** What it was mounted from, a device's path in most cases; a btrfs tells its device nowhere else. */
  source: string;
  /** Of the file system, wherever it is mounted: `ro`, `tz=UTC` … */
  superOptions: ReadonlySet<string>;
}

const MOUNT_TABLE = "/proc/self/mountinfo";

export function readMountTable(path = MOUNT_TABLE): Mount[] {
  return parseMountTable(readFileSync(path, "utf8"));
}

/** Lines that are no mounts are left out. */
export function parseMountTable(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split("\n")) {
    const [own = "", system = ""] = line.split(" - ");
    const [, , device, root, target, options] = own.split(" ");
    const [fileSystem, source, superOptions] = system.split(" ");
    if (device === undefined || root === undefined || target === undefined || options === undefined) continue;
    if (fileSystem === undefined || source === undefined || superOptions === undefined) continue;
    mounts.push({
      device,
      root: unescaped(root),
      target: unescaped(target),
      options: new Set(options.split(",")),
      fileSystem,
      source: unescaped(source),
      superOptions: new Set(superOptions.split(",")),
    });
  }
  return mounts;
}

/** Space, tab, line feed and backslash stand as three octal digits. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
