import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { PACKED_AT } from "../archive.ts";
import { manifestAt, SHIPPED_ENGINES } from "../contents/manifest.ts";
import { run } from "../run.ts";
import type { Target } from "../target.ts";

/** Where the program lies on a unit. */
const INSTALLED = "usr/lib/fulltrace";
const ROLES = ["recorder", "dock", "receiver"] as const;
/** Of the program's `config/`, what other programs of the system read, and where they look for it. */
const READ_BY_OTHERS = {
  systemd: "usr/lib/systemd/system",
  "sysusers.d": "usr/lib/sysusers.d",
  "tmpfiles.d": "usr/lib/tmpfiles.d",
} as const;

/**
 * Makes the Debian package `file` of the program that `assemble` has laid out in `program`, which it takes
 * apart. The same program gives the same bytes (Debian policy, 10.9 and 6; deb-control(5)).
 */
export async function packDeb(root: string, program: string, file: string, target: Target): Promise<void> {
  const tree = mkdtempSync(join(dirname(program), "deb-"));
  try {
    layOut(tree, program);
    writeControl(root, tree, target);
    await run("chmod", ["-R", "u=rwX,go=rX", tree]);
    const epoch = `${Date.parse(PACKED_AT) / 1000}`;
    const unfinished = `${file}.new`;
    await run(
      "dpkg-deb",
      ["--root-owner-group", "-Zxz", "-Sextreme", "--threads-max=1", "--build", tree, unfinished],
      {
        env: { ...process.env, SOURCE_DATE_EPOCH: epoch },
      },
    );
    renameSync(unfinished, file);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

function layOut(tree: string, program: string): void {
  const at = (...path: string[]) => {
    const full = join(tree, ...path);
    mkdirSync(dirname(full), { recursive: true });
    return full;
  };
  renameSync(program, at(INSTALLED));
  symlinkSync("../lib/fulltrace/programs/fulltrace.cjs", at("usr/bin/fulltrace"));
  for (const [folder, place] of Object.entries(READ_BY_OTHERS)) {
    renameSync(join(tree, INSTALLED, "config", folder), at(place));
  }
  for (const role of ROLES) {
    cpSync(join(tree, INSTALLED, "config/examples", `${role}.toml`), at("etc/fulltrace", `${role}.toml`));
  }
  renameSync(join(tree, INSTALLED, "docs"), at("usr/share/doc/fulltrace"));
  for (const [name, as] of [
    ["LICENSE", "copyright"],
    ["licences.txt", "licences.txt"],
    ["sbom.cdx.json", "sbom.cdx.json"],
  ] as const) {
    renameSync(join(tree, INSTALLED, name), at("usr/share/doc/fulltrace", as));
  }
}

function writeControl(root: string, tree: string, target: Target): void {
  const files = filesBelow(tree);
  const own = join(tree, "DEBIAN");
  mkdirSync(own);
  const digestOf = (file: string) =>
    createHash("md5")
      .update(readFileSync(join(tree, file)))
      .digest("hex");
  const bytes = files.reduce((sum, file) => sum + statSync(join(tree, file)).size, 0);
  writeFileSync(join(own, "control"), controlOf(root, target, Math.ceil(bytes / 1024)));
  writeFileSync(join(own, "md5sums"), files.map((file) => `${digestOf(file)}  ${file}\n`).join(""));
  writeFileSync(join(own, "conffiles"), ROLES.map((role) => `/etc/fulltrace/${role}.toml\n`).join(""));
  for (const script of ["postinst", "prerm", "postrm"]) {
    cpSync(join(root, "scripts/package/deb", script), join(own, script));
    chmodSync(join(own, script), 0o755);
  }
}

function controlOf(root: string, { architecture }: Target, kibibytes: number): string {
  const { version, description } = manifestAt(root);
  const node = SHIPPED_ENGINES.node.replace(">=", ">= ");
  return `Package: fulltrace
Version: ${version}
Architecture: ${architecture}
Maintainer: fulltrace <fulltrace@localhost>
Section: video
Priority: optional
Installed-Size: ${kibibytes}
Depends: nodejs (${node}), ffmpeg, systemd (>= 247), mount
Description: evidence recorder, dock and receiver
 ${description}
`;
}

/** Regular files, sorted. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
