import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run, SetupError, say } from "./say.mjs";

/**
 * Every Debian package that set-up may install, once, with its reason. `command` names the program that
 * proves it present, however it was installed; without one, dpkg is asked.
 */
const PACKAGES = [
  {
    package: "ffmpeg",
    command: "ffmpeg",
    profiles: ["demo", "test", "bench"],
    reason: "cameras, encoding, the simulated recorder",
  },
  { package: "make", command: "make", profiles: ["compile", "armhf", "arm64"], reason: "compiles SQLite" },
  { package: "g++", command: "g++", profiles: ["compile", "armhf", "arm64"], reason: "compiles SQLite" },
  {
    package: "python3",
    command: "python3",
    profiles: ["compile", "test", "armhf", "arm64"],
    reason: "node-gyp; the second implementation of the golden vectors",
  },
  {
    package: "mosquitto",
    command: "mosquitto",
    profiles: ["test", "bench"],
    reason: "the broker that is not ours",
  },
  { package: "curl", command: "curl", profiles: ["test", "bench"], reason: "the yardstick of sync" },
  {
    package: "openssl",
    command: "openssl",
    profiles: ["test", "bench"],
    reason: "verifies our signatures, makes test certificates; a yardstick of imports",
  },
  {
    package: "socat",
    command: "socat",
    profiles: ["test", "bench"],
    reason: "pseudo-terminals of the simulated control board",
  },
  {
    package: "systemd",
    command: "systemd-notify",
    profiles: ["test"],
    reason: "takes what services tell; judges the units",
  },
  { package: "dosfstools", profiles: ["test", "image"], reason: "makes FAT file systems" },
  { package: "exfatprogs", profiles: ["test"], reason: "makes the exFAT cards of recorders" },
  { package: "e2fsprogs", profiles: ["test", "image"], reason: "makes ext4 file systems" },
  { package: "fdisk", command: "sfdisk", profiles: ["test"], reason: "makes the partition tables of images" },
  { package: "sqlite3", command: "sqlite3", profiles: ["bench"], reason: "a yardstick of imports" },
  { package: "fonts-droid-fallback", profiles: ["test"], reason: "Chinese in reports that are printed" },
  { package: "chromium", command: "chromium", profiles: ["test"], reason: "shows and prints reports" },
  { package: "age", command: "age", profiles: ["test"], reason: "opens what was sealed" },
  { package: "zsh", command: "zsh", profiles: ["test"], reason: "completes our commands" },
  { package: "fish", command: "fish", profiles: ["test"], reason: "completes our commands" },
  { package: "groff-base", command: "groff", profiles: ["test"], reason: "reads the manual page" },
  { package: "python3-gi", profiles: ["test"], reason: "the RTSP test camera" },
  { package: "gir1.2-gst-rtsp-server-1.0", profiles: ["test"], reason: "the RTSP test camera" },
  { package: "gstreamer1.0-plugins-base", profiles: ["test"], reason: "the RTSP test camera" },
  { package: "gstreamer1.0-plugins-good", profiles: ["test"], reason: "the RTSP test camera" },
  { package: "gstreamer1.0-plugins-bad", profiles: ["test"], reason: "the RTSP test camera" },
  { package: "gstreamer1.0-plugins-ugly", profiles: ["test"], reason: "the RTSP test camera" },
  { package: "gstreamer1.0-libav", profiles: ["test"], reason: "the RTSP test camera" },
  {
    package: "qemu-system-x86",
    command: "qemu-system-x86_64",
    profiles: ["lab"],
    reason: "the lab's virtual machine",
  },
  { package: "qemu-system-common", profiles: ["lab"], reason: "its folder that host and machine share" },
  { package: "seabios", profiles: ["lab"], reason: "its firmware" },
  { package: "ipxe-qemu", profiles: ["lab"], reason: "the firmware of its network card" },
  {
    package: "qemu-system-arm",
    command: "qemu-system-arm",
    profiles: ["lab"],
    reason: "the lab's recorder unit",
  },
  { package: "swtpm", command: "swtpm", profiles: ["lab"], reason: "the virtual machine's TPM" },
  { package: "buildah", command: "buildah", profiles: ["lab"], reason: "builds the container image" },
  { package: "runc", command: "runc", profiles: ["lab"], reason: "runs it" },
  { package: "u-boot-qemu", profiles: ["lab"], reason: "its boot loader" },
  { package: "qemu-utils", command: "qemu-img", profiles: ["lab"], reason: "keeps what its card is written" },
  {
    package: "mmdebstrap",
    command: "mmdebstrap",
    profiles: ["lab", "image"],
    reason: "builds roots of Debian packages",
  },
  { package: "genext2fs", command: "genext2fs", profiles: ["lab"], reason: "builds its root disk" },
  {
    package: "debian-archive-keyring",
    profiles: ["lab", "image"],
    reason: "checks what roots are built from",
  },
  { package: "genimage", command: "genimage", profiles: ["image"], reason: "puts a card's image together" },
  { package: "mtools", command: "mcopy", profiles: ["image"], reason: "fills its boot partition" },
  {
    package: "u-boot-tools",
    command: "mkimage",
    profiles: ["image"],
    reason: "wraps the script that chooses a slot",
  },
  {
    package: "kmod",
    command: "depmod",
    profiles: ["image"],
    reason: "picks the modules of a board's kernel",
  },
  { package: "cpio", command: "cpio", profiles: ["image"], reason: "packs its initrd" },
  { package: "rauc", command: "rauc", profiles: ["image", "test"], reason: "signs and reads updates" },
  {
    package: "dbus-daemon",
    command: "dbus-daemon",
    profiles: ["test"],
    reason: "the bus on which RAUC's service is asked",
  },
  { package: "squashfs-tools", command: "mksquashfs", profiles: ["image", "test"], reason: "packs updates" },
  {
    package: "zstd",
    command: "zstd",
    profiles: ["package", "test"],
    reason: "packs what units install, unpacks images",
  },
  {
    package: "g++-arm-linux-gnueabihf",
    command: "arm-linux-gnueabihf-g++",
    profiles: ["armhf"],
    reason: "compiles SQLite for recorders",
  },
  {
    package: "qemu-user-static",
    command: "qemu-arm-static",
    profiles: ["armhf", "image"],
    reason: "runs recorders' programs in the tests of their package, and while an image is made",
  },
  {
    package: "g++-aarch64-linux-gnu",
    command: "aarch64-linux-gnu-g++",
    profiles: ["arm64"],
    reason: "compiles SQLite for docks with an ARM processor",
  },
];

/**
 * Installs what `profile` (`compile`, `demo`, `test`, `bench`, `lab`, `package`, or the architecture of a
 * package) lacks; does nothing when it lacks nothing.
 */
export function installSystemPackages(profile) {
  const missing = missingPackages(PACKAGES.filter((wanted) => wanted.profiles.includes(profile)));
  if (missing.length === 0) return;
  for (const { package: name, reason } of missing) say(`set-up: ${name} is missing (${reason})`);
  const names = missing.map((wanted) => wanted.package);
  if (!onPath("apt-get")) {
    throw new SetupError(
      "There is no apt-get here.",
      `install these by hand and run this again: ${names.join(" ")}`,
    );
  }
  if (aptGet(["install", "--yes", "--no-install-recommends", ...names]) === 0) return;
  say("set-up: refreshing the package lists");
  aptGet(["update"]);
  if (aptGet(["install", "--yes", "--no-install-recommends", ...names]) === 0) return;
  throw new SetupError(
    "apt-get could not install what is missing.",
    `see above, then try: apt-get install ${names.join(" ")}`,
  );
}

/** The entries of `wanted` that neither PATH nor dpkg knows. */
function missingPackages(wanted) {
  const unseen = wanted.filter(({ command }) => command === undefined || !onPath(command));
  if (unseen.length === 0) return [];
  const names = unseen.map((candidate) => candidate.package);
  const asked = spawnSync("dpkg-query", [
    "--show",
    "--showformat",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
    "${Package} ${db:Status-Status}\n",
    ...names,
  ]);
  const installed = new Set(
    String(asked.stdout ?? "")
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  return unseen.filter((candidate) => !installed.has(candidate.package));
}

function onPath(command) {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .some((folder) => folder !== "" && existsSync(join(folder, command)));
}

function aptGet(args) {
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo"];
  const [command, ...rest] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...args];
  return run(command, rest);
}
