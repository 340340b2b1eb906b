import { createHash } from "node:crypto";
import { join } from "node:path";
import { keptBuild } from "../../image/debian/kept-build.ts";
import { mmdebstrap } from "../../image/debian/mmdebstrap.ts";
import { cacheFolder } from "../../package/cache-folder.ts";
import { armNode, fetchNode } from "../../package/native/node-headers.ts";
import { run } from "../../package/run.ts";

const BASE = "localhost/fulltrace-base:armhf";
const BUILT = "localhost/fulltrace:armhf";
const PACKAGES = ["ca-certificates", "libatomic1", "libstdc++6"];
/** The security archive's index for armhf did not match its signature: docs/image.md. */
const DEBIAN = ["deb http://deb.debian.org/debian bookworm main"];

/** A Debian root with Node, in the place of the official Node image, which cannot be had here; a tar file. */
export async function containerBase(fresh: boolean): Promise<{ tar: string; built: boolean }> {
  const key = createHash("sha256")
    .update(JSON.stringify([PACKAGES, DEBIAN, armNode()]))
    .digest("hex");
  const cache = cacheFolder("lab-container-base");
  const { folder, built } = await keptBuild(cache, key.slice(0, 16), fresh, async (into) => {
    const node = await fetchNode(armNode(), into);
    await mmdebstrap({
      architecture: "armhf",
      format: "tar",
      packages: PACKAGES,
      sources: DEBIAN,
      hooks: [`copy-in ${join(node, "bin/node")} /usr/local/bin`],
      out: join(into, "base.tar"),
    });
  });
  return { tar: join(folder, "base.tar"), built };
}

/** buildah with a store of its own, below `folder`. */
export class Buildah {
  readonly #options: readonly string[];

  constructor(folder: string) {
    const places = ["--root", join(folder, "store"), "--runroot", join(folder, "run")];
    this.#options = [...places, "--storage-driver", "vfs"];
  }

  /** Builds `Dockerfile.armhf` on the base in `tar`. */
  async build(root: string, tar: string): Promise<void> {
    const base = (await this.#run("from", "--arch", "arm", "--variant", "v7", "scratch")).trim();
    await this.#run("add", "--quiet", base, tar, "/");
    await this.#run("commit", "--quiet", "--rm", base, BASE);
    await this.#run(
      ...["build", "--isolation", "chroot", "--arch", "arm", "--variant", "v7", "--pull-never"],
      // the format that keeps a health check
      ...["--layers=false", "--format", "docker", "--build-arg", `BASE=${BASE}`, "--tag", BUILT],
      ...["--file", join(root, "Dockerfile.armhf"), root],
    );
  }

  /** Its root file system, as a folder. */
  async mount(): Promise<string> {
    const container = (await this.#run("from", "--pull-never", BUILT)).trim();
    return (await this.#run("mount", container)).trim();
  }

  /** What an engine is told: account, health check, volume and so on (Docker image specification 1.2). */
  async config(): Promise<Record<string, unknown>> {
    const told = JSON.parse(await this.#run("inspect", "--type", "image", BUILT)) as {
      Docker: { config: Record<string, unknown> };
    };
    return told.Docker.config;
  }

  async push(file: string): Promise<void> {
    await this.#run("push", "--quiet", BUILT, `oci-archive:${file}`);
  }

  async #run(...words: string[]): Promise<string> {
    return await run("buildah", [...this.#options, ...words]);
  }
}
