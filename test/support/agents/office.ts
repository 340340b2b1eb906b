import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { parse, stringify } from "smol-toml";
import { AgentProcess, fulltrace } from "../../../scripts/demo/agent-process.ts";
import { type Layout, layOut } from "../../../scripts/demo/layout.ts";
import { assertFitsSchema } from "../cli-schema.ts";
import { temporaryDirectory } from "../surroundings.ts";

const WAIT_MS = 90_000;

/** One recorder and one receiver with its embedded broker, as real processes that end with the test. */
export class Office {
  readonly layout: Layout;
  readonly recorder: AgentProcess;
  readonly receiver: AgentProcess;

  private constructor(layout: Layout) {
    this.layout = layout;
    this.recorder = new AgentProcess(
      layout.recorderConfig,
      layout.recorder,
      join(layout.root, "recorder.log"),
    );
    this.receiver = new AgentProcess(
      layout.receiverConfig,
      layout.receiver,
      join(layout.root, "receiver.log"),
    );
  }

  static async open(t: TestContext): Promise<Office> {
    const office = new Office(await layOut(join(temporaryDirectory(t), randomUUID()), "testsrc", "en"));
    t.after(() => {
      office.recorder.abandon();
      office.receiver.abandon();
    });
    return office;
  }

  /** Sets keys of one table of the recorder's configuration; to be called before it starts. */
  configure(table: string, keys: Record<string, unknown>): void {
    editConfig(this.layout.recorderConfig, (config) => {
      config[table] = { ...(config[table] as object), ...keys };
    });
  }

  /** The same of the receiver. */
  configureReceiver(table: string, keys: Record<string, unknown>): void {
    editConfig(this.layout.receiverConfig, (config) => {
      config[table] = { ...(config[table] as object), ...keys };
    });
  }

  /** Makes the recorder a dock with these keys of `[dock]`; to be called before it starts. */
  beDock(keys: Record<string, unknown>): AgentProcess {
    editConfig(this.layout.recorderConfig, (config) => {
      config.role = "dock";
      config.camera = undefined;
      config.recording = undefined;
      config.dock = keys;
    });
    return this.recorder;
  }

  /** Sets keys that stand in no table. */
  configureTop(keys: Record<string, unknown>): void {
    editConfig(this.layout.recorderConfig, (config) => Object.assign(config, keys));
  }

  /** Puts other brokers, or two ends of a relay, in place of the embedded one. */
  useBrokers(recorderUrl: string, receiverUrl: string): void {
    this.configure("sync", { url: recorderUrl });
    editConfig(this.layout.receiverConfig, (config) => {
      config.broker = undefined;
      config.sync = { ...(config.sync as object), url: receiverUrl };
    });
  }

  /** Records until `ms` of media are there; answers the recording's id once it is stopped. */
  async record(ms: number): Promise<string> {
    await this.recorder.waitFor(({ recording }) => (recording?.pre_event_ms ?? 0) > 0, WAIT_MS);
    const { rec } = await this.recorder.call("record.start", { trigger: "button" });
    await this.recorder.waitFor(({ recording }) => (recording?.media_ms ?? 0) >= ms, WAIT_MS);
    await this.recorder.call("record.stop", { reason: "button" });
    return rec;
  }

  /** Waits until receipts for everything are back. */
  async settle(): Promise<void> {
    const { receipted } = await this.recorder.call("sync.flush", { timeout_ms: WAIT_MS });
    if (!receipted) throw new Error("no receipt in time");
  }

  /** What `fulltrace verify` says of a copy. */
  async verdictOn(
    directory: string,
    ...flags: string[]
  ): Promise<{ verdict: string; problems: { code: string }[] }> {
    const { stdout } = await fulltrace([
      "verify",
      directory,
      "--trust",
      this.layout.trust,
      "--json",
      ...flags,
    ]);
    const report = JSON.parse(stdout) as { verdict: string; problems: { code: string }[] };
    assertFitsSchema("verify", report);
    return report;
  }
}

function editConfig(file: string, edit: (config: Record<string, unknown>) => unknown): void {
  const config: Record<string, unknown> = parse(readFileSync(file, "utf8"));
  edit(config);
  writeFileSync(file, stringify(config));
}
