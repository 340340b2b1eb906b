import { join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { Framing } from "../../../drivers/serial/frames/framing.ts";
import type { BoardSight } from "../../../drivers/simulator/board/sight.ts";
import { SimulatedBoard } from "../../../drivers/simulator/board/simulated-board.ts";
import { PseudoTerminal } from "../../../drivers/simulator/board/terminal/pseudo-terminal.ts";
import { temporaryDirectory } from "../surroundings.ts";
import { fixSentences, type ToldFix } from "./nmea.ts";

const TELLS_EVERY_MS = 500;

/** A simulated device at a pseudo-terminal that can be pulled out and put back; gone with the test. */
abstract class PluggedDevice {
  readonly path: string;
  #terminal: PseudoTerminal | null = null;
  protected readonly ending = new AbortController();

  constructor(t: TestContext, name: string) {
    this.path = join(temporaryDirectory(t), name);
    t.after(async () => {
      this.ending.abort();
      await this.unplug();
    });
  }

  async plug(): Promise<void> {
    this.#terminal = await PseudoTerminal.open(this.path, (bytes) => this.take(bytes), systemClock);
  }

  async unplug(): Promise<void> {
    const terminal = this.#terminal;
    this.#terminal = null;
    await terminal?.close();
  }

  protected send(bytes: Uint8Array): void {
    this.#terminal?.write(bytes);
  }

  protected abstract take(bytes: Uint8Array): void;
}

export class PluggedBoard extends PluggedDevice {
  readonly sights: BoardSight[] = [];
  readonly board: SimulatedBoard;

  private constructor(t: TestContext, framing: Framing) {
    super(t, "usb-Fulltrace_Board_0001-if00");
    this.board = new SimulatedBoard({
      framing,
      clock: systemClock,
      random: systemRandom,
      onSight: (sight) => this.sights.push(sight),
    });
    void this.board.run(this.ending.signal);
  }

  static async open(t: TestContext): Promise<PluggedBoard> {
    const plugged = new PluggedBoard(t, await Framing.load());
    await plugged.plug();
    return plugged;
  }

  override async plug(): Promise<void> {
    await super.plug();
    this.board.plug((bytes) => this.send(bytes));
  }

  override async unplug(): Promise<void> {
    this.board.unplug();
    await super.unplug();
  }

  /** What the first lamp shows now, colours only; null: nothing was shown yet. */
  get lamp(): string | null {
    const shown = this.sights.findLast((sight) => sight.kind === "lamp" && sight.lamp === 0);
    if (shown?.kind !== "lamp") return null;
    return shown.pattern.steps.map(({ red, green, blue, ms }) => `${red},${green},${blue} ${ms}`).join(" / ");
  }

  protected take(bytes: Uint8Array): void {
    this.board.receive(bytes);
  }
}

/** A GNSS receiver that tells the time of this machine and one place, twice a second. */
export class PluggedGnss extends PluggedDevice {
  told: Omit<ToldFix, "utcMs"> = {};

  private constructor(t: TestContext) {
    super(t, "usb-GNSS_receiver-if00");
    void this.#tell();
  }

  static async open(t: TestContext): Promise<PluggedGnss> {
    const plugged = new PluggedGnss(t);
    await plugged.plug();
    return plugged;
  }

  protected take(): void {
    // it is not spoken to
  }

  async #tell(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      const lines = fixSentences({ ...this.told, utcMs: systemClock.utcMs() });
      this.send(Buffer.from(lines.map((line) => `${line}\r\n`).join("")));
      await systemClock.sleep(TELLS_EVERY_MS, signal).catch(() => undefined);
    }
  }
}
