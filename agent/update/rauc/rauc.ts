import { execFile } from "node:child_process";
import { AgentError } from "../../../config/base/errors.ts";
import { checkPayload } from "./payload.ts";
import { type Bundle, readBundle, readStatus, type UpdateStatus } from "./told.ts";

/** RAUC (rauc(1) 1.8 and later), which writes slots and speaks with the boot loader. */
export interface Rauc {
  /** Looks at all of it. Throws `bundle-missing`, `bundle-unsigned` or `bundle-damaged`. */
  inspect(bundle: string): Promise<Bundle>;
  /** Writes it into the slot that does not run. Throws `bundle-damaged`, `bundle-other-board` or `update-failed`. */
  install(bundle: string): Promise<void>;
  status(): Promise<UpdateStatus>;
  /** The slot that runs is well: its tries are given back. */
  good(): Promise<void>;
}

const SHORT_MS = 60_000;
/** A slot of 1 GiB on a slow card. */
const INSTALL_MS = 30 * 60_000;
const MAX_TOLD_BYTES = 256 * 1024;
/** By what RAUC 1.8 says, in its order of importance. */
const REASONS: readonly [pattern: RegExp, code: string][] = [
  [/^No such file/m, "bundle-missing"],
  [/signature verification failed|CMS_verify|failed to load CA file/, "bundle-unsigned"],
  [/compatible mismatch/i, "bundle-other-board"],
  [/Invalid bundle|Input\/output error/, "bundle-damaged"],
];

/** By its command; `options` stand before each of its words. `bus`: where its service is, if not on the system's. */
export class RaucCommand implements Rauc {
  readonly #options: readonly string[];
  readonly #env: Readonly<Record<string, string>>;

  constructor(options: readonly string[] = [], bus?: string) {
    this.#options = options;
    this.#env = bus === undefined ? {} : { DBUS_SYSTEM_BUS_ADDRESS: bus };
  }

  async inspect(bundle: string): Promise<Bundle> {
    const told = await this.#run(["info", "--output-format=json", bundle], SHORT_MS, "bundle-damaged");
    // its signature vouches for digests of the payload: RAUC itself compares them while it writes a slot
    checkPayload(bundle);
    return readBundle(told);
  }

  async install(bundle: string): Promise<void> {
    await this.#run(["install", bundle], INSTALL_MS, "update-failed");
  }

  async status(): Promise<UpdateStatus> {
    const words = ["status", "--output-format=json", "--detailed"];
    return readStatus(await this.#run(words, SHORT_MS, "rauc-failed"));
  }

  async good(): Promise<void> {
    await this.#run(["status", "mark-good", "booted"], SHORT_MS, "rauc-failed");
  }

  /** Its stdout. Throws the code that its words stand for, else `otherwise`. */
  #run(words: readonly string[], timeout: number, otherwise: string): Promise<string> {
    const [verb = "", ...rest] = words;
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", ...this.#env };
    const options = { timeout, maxBuffer: MAX_TOLD_BYTES, env };
    return new Promise((resolve, reject) => {
      execFile("rauc", [verb, ...this.#options, ...rest], options, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const told = error.code === "ENOENT" ? "rauc is not installed" : `${stderr}\n${stdout}`;
        const code = REASONS.find(([pattern]) => pattern.test(told))?.[1] ?? otherwise;
        reject(new AgentError(code, reasonIn(told).slice(0, 400) || `rauc ${verb}`, { cause: error }));
      });
    });
  }
}

/** Its service says it behind `LastError`, the command alone in its last line. */
function reasonIn(told: string): string {
  const [, last] = /LastError: (.*)/.exec(told) ?? [];
  return last ?? told.trim().split("\n").at(-1) ?? "";
}
