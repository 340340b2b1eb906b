import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../package/run.ts";
import type { Board } from "../boards/board.ts";
import type { BaseRoot } from "./base-root.ts";

export interface UnitRoot {
  board: Board;
  base: BaseRoot;
  /** fulltrace's own package. */
  deb: string;
  /** Folders that are laid over Debian's part, in order. */
  files: readonly string[];
  /** And over everything. */
  overlays: readonly string[];
  updateCa?: string;
  /** What the slot says that it holds. */
  version: string;
}

const SOURCES = fileURLToPath(new URL("../../../../scripts/image/root/", import.meta.url));
/** Started with the unit, beside what Debian's packages start. */
const STARTED = [
  "fulltrace-data.service",
  "fulltrace-recorder.service",
  "fulltrace-adopt.service",
  "fulltrace-updater.socket",
  "fulltrace-fallback.timer",
  "systemd-networkd.service",
  "systemd-resolved.service",
  "systemd-timesyncd.service",
];
/** Nobody signs in at a recorder, and nothing on a read-only root looks after packages. */
const MASKED = [
  ...["getty@.service", "serial-getty@.service", "console-getty.service", "systemd-firstboot.service"],
  ...["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer"],
  ...["e2scrub_reap.service", "fstrim.timer", "ldconfig.service", "systemd-networkd-wait-online.service"],
];

/**
 * Lays out a unit's root in the new folder `root`, and what its data partition starts with in `data`. The folders
 * are made as root: owners and modes are the unit's.
 */
export async function layUnitRoot(unit: UnitRoot, root: string, data: string): Promise<void> {
  mkdirSync(root);
  await run("tar", ["--numeric-owner", "-xf", unit.base.root, "-C", root]);
  await layOver(root, unit.files);
  await run("bash", [
    ...[join(SOURCES, "kernel.sh"), root, unit.base.kernel, join(SOURCES, "initrd-init")],
    ...unit.board.modules,
  ]);
  await install(root, unit.deb);
  await layOver(root, unit.overlays);
  configureUpdates(root, unit);
  writeFileSync(join(root, "etc/machine-id"), "");
  writeFileSync(join(root, "etc/hostname"), "fulltrace\n");
  writeFileSync(join(root, "etc/fulltrace-release"), `VERSION=${unit.version}\nBOARD=${unit.board.name}\n`);
  rmSync(join(root, "etc/resolv.conf"), { force: true });
  await run("ln", ["-s", "../run/systemd/resolve/stub-resolv.conf", join(root, "etc/resolv.conf")]);
  await run("systemctl", ["--quiet", `--root=${root}`, "enable", ...STARTED]);
  await run("systemctl", ["--quiet", `--root=${root}`, "mask", ...MASKED]);
  cpSync(join(root, "usr/lib/fulltrace/config/journald"), join(root, "etc/systemd/journald.conf.d"), {
    recursive: true,
  });
  moveData(root, data);
  // for a data partition that is made anew, encrypted
  await run("tar", [
    "--numeric-owner",
    "-cpf",
    join(root, "usr/lib/fulltrace-image/data.tar"),
    "-C",
    data,
    ".",
  ]);
  await run("chroot", [root, "apt-get", "clean"]);
  rmSync(join(root, "var/lib/apt/lists"), { recursive: true, force: true });
}

/** Without the owners that the files have on this machine. */
async function layOver(root: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders.filter((one) => existsSync(one)))
    await run("cp", ["--recursive", "--no-dereference", "--preserve=mode,links", `${folder}/.`, root]);
}

/** With its own scripts, run by the emulator: account, folders, code caches of the unit's Node. */
async function install(root: string, deb: string): Promise<void> {
  cpSync(deb, join(root, "tmp/fulltrace.deb"));
  // its Node is no Debian package
  const words = ["dpkg", "--force-depends", "--install", "/tmp/fulltrace.deb"];
  // coverage of a bundle says nothing, and takes minutes to write under emulation
  const { NODE_V8_COVERAGE: _, ...env } = process.env;
  // with a /proc that goes with the process
  const inside = ["--mount", "sh", "-c", 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"', root];
  await run("unshare", [...inside, ...words], { env: { ...env, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } });
  rmSync(join(root, "tmp/fulltrace.deb"));
  if (!existsSync(join(root, "usr/lib/fulltrace/programs/cache")))
    throw new Error("no code cache was written: does the emulator run this Node?");
}

function configureUpdates(root: string, { board, updateCa }: UnitRoot): void {
  const file = join(root, "etc/rauc/system.conf");
  writeFileSync(file, readFileSync(file, "utf8").replace("@COMPATIBLE@", board.compatible));
  // without certificates RAUC refuses every bundle
  const certificates = updateCa === undefined ? "" : readFileSync(updateCa, "utf8");
  writeFileSync(join(root, "etc/rauc/keyring.pem"), certificates);
}

/** What the unit writes lies in a partition of its own: the root keeps empty places for it. */
function moveData(root: string, data: string): void {
  mkdirSync(join(root, "data"));
  mkdirSync(join(data, "fulltrace"), { recursive: true });
  mkdirSync(join(data, "system"), { recursive: true });
  for (const [place, to] of [
    ["etc/fulltrace", "fulltrace/config"],
    ["var/lib/fulltrace", "fulltrace/evidence"],
    ["var/lib/systemd", "system/systemd"],
  ] as const) {
    renameSync(join(root, place), join(data, to));
    mkdirSync(join(root, place));
  }
}
