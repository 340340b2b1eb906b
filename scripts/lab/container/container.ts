import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { systemClock } from "../../../config/base/clock.ts";
import { run } from "../../package/run.ts";

/** Of the account in the image. */
const ACCOUNT = 990;
const NAME = "fulltrace-lab";
const END_MS = 60_000;

/** The image's root file system as runc runs it: read-only, without capabilities, as the image's own account. */
export class Container {
  readonly #bundle: string;
  readonly #rootfs: string;
  readonly #mounted: { etc: string; evidence: string };
  #count = 0;

  constructor(bundle: string, rootfs: string, mounted: { etc: string; evidence: string }) {
    this.#bundle = bundle;
    this.#rootfs = rootfs;
    this.#mounted = mounted;
    mkdirSync(bundle);
    chownSync(mounted.evidence, ACCOUNT, ACCOUNT);
  }

  /** What a command printed. Throws unless it ends with one of the codes. */
  async run(words: readonly string[], codes: readonly number[] = [0]): Promise<string> {
    const child = this.#spawn(words, "pipe");
    const [out, err, code] = await Promise.all([printed(child.stdout), printed(child.stderr), ended(child)]);
    if (!codes.includes(code)) throw new Error(`${words.join(" ")}: exit ${code}\n${err}${out}`);
    return out.trim();
  }

  /** Throws if the command succeeds. */
  async refuses(words: readonly string[]): Promise<void> {
    if ((await ended(this.#spawn(words, "ignore"))) === 0)
      throw new Error(`${words.join(" ")} was let through`);
  }

  /** A command that goes on, in a container of its own. */
  start(words: readonly string[]): RunningContainer {
    const log = openSync(join(this.#bundle, "container.log"), "a");
    return new RunningContainer(this.#spawn(words, log), this.#state, `${NAME}-${this.#count}`);
  }

  get #state(): string {
    return join(this.#bundle, "state");
  }

  #spawn(words: readonly string[], output: "pipe" | "ignore" | number): ChildProcess {
    const name = `${NAME}-${++this.#count}`;
    const folder = join(this.#bundle, name);
    mkdirSync(folder);
    writeFileSync(join(folder, "config.json"), JSON.stringify(this.#config(words)));
    return spawn("runc", ["--root", this.#state, "run", "--bundle", folder, name], {
      stdio: ["ignore", output, output],
    });
  }

  /** OCI runtime specification 1.0.2. */
  #config(words: readonly string[]): object {
    const { etc, evidence } = this.#mounted;
    const tmpfs = (destination: string, mode: string, ...more: string[]) => ({
      destination,
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", `mode=${mode}`, "size=65536k", ...more],
    });
    const bind = (source: string, destination: string, access: string) => ({
      destination,
      type: "bind",
      source,
      options: ["bind", access],
    });
    return {
      ociVersion: "1.0.2",
      process: {
        terminal: false,
        user: { uid: ACCOUNT, gid: ACCOUNT },
        args: words,
        env: ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/tmp"],
        cwd: "/var/lib/fulltrace",
        noNewPrivileges: true,
        capabilities: { bounding: [] },
      },
      root: { path: this.#rootfs, readonly: true },
      mounts: [
        { destination: "/proc", type: "proc", source: "proc" },
        tmpfs("/dev", "755"),
        tmpfs("/run", "755", "nodev"),
        tmpfs("/tmp", "1777", "nodev"),
        bind(etc, "/etc/fulltrace", "ro"),
        bind(evidence, "/var/lib/fulltrace", "rw"),
      ],
      linux: { namespaces: ["pid", "mount", "ipc", "uts"].map((type) => ({ type })) },
    };
  }
}

export class RunningContainer {
  readonly #child: ChildProcess;
  readonly #state: string;
  readonly #name: string;

  constructor(child: ChildProcess, state: string, name: string) {
    this.#child = child;
    this.#state = state;
    this.#name = name;
  }

  /** How a command ends that is run inside, as an engine runs a health check. */
  async outcome(words: readonly string[]): Promise<number> {
    if (this.#child.exitCode !== null) throw new Error(`the container ended with ${this.#child.exitCode}`);
    const inside = ["--root", this.#state, "exec", this.#name, ...words];
    return await ended(spawn("runc", inside, { stdio: "ignore" }));
  }

  /** Its first process stands still, and with it everything that it answers. */
  async freeze(): Promise<void> {
    process.kill(await this.#pid(), "SIGSTOP");
  }

  async thaw(): Promise<void> {
    process.kill(await this.#pid(), "SIGCONT");
  }

  /** In order if it can, else at once; with its first process everything in it ends. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const pid = await this.#pid();
    process.kill(pid, "SIGCONT");
    process.kill(pid, "SIGTERM");
    const deadlineUs = systemClock.monoUs() + END_MS * 1000;
    while (this.#child.exitCode === null && systemClock.monoUs() < deadlineUs) await systemClock.sleep(200);
    if (this.#child.exitCode === null) process.kill(pid, "SIGKILL");
    await ended(this.#child);
  }

  async #pid(): Promise<number> {
    const told = await run("runc", ["--root", this.#state, "state", this.#name]);
    return (JSON.parse(told) as { pid: number }).pid;
  }
}

async function printed(stream: Readable | null): Promise<string> {
  return stream === null ? "" : await text(stream);
}

async function ended(child: ChildProcess): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode ?? 1;
}
