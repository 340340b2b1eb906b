import { join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { Framing } from "../../../drivers/serial/frames/framing.ts";
import type { BoardSight } from "../../../drivers/simulator/board/sight.ts";
import { SimulatedBoard } from "../../../drivers/simulator/board/simulated-board.ts";
import { SimulatedGnss } from "../../../drivers/simulator/gnss/simulated-gnss.ts";
import { DeviceAtTerminal, type LineDevice } from "../../../drivers/simulator/terminal/device-at-terminal.ts";
import { temporaryDirectory } from "../surroundings.ts";

const TELLS_EVERY_MS = 500;

/** A simulated device at a pseudo-terminal that can be pulled out and put back; gone with the test. */
class PluggedDevice<Device extends LineDevice & { run(signal: AbortSignal): Promise<void> }> {
  readonly path: string;
  readonly device: Device;
  readonly #terminal: DeviceAtTerminal;

  constructor(t: TestContext, name: string, device: Device) {
    this.path = join(temporaryDirectory(t), name);
    this.device = device;
    this.#terminal = new DeviceAtTerminal(device, this.path, systemClock);
    const ending = new AbortController();
    const run = device.run(ending.signal);
    t.after(async () => {
      ending.abort();
      await run;
      await this.unplug();
    });
  }

  plug(): Promise<void> {
    return this.#terminal.plug();
  }

  unplug(): Promise<void> {
    return this.#terminal.unplug();
  }
}

export class PluggedBoard extends PluggedDevice<SimulatedBoard> {
  readonly sights: BoardSight[];

  private constructor(t: TestContext, framing: Framing) {
    const sights: BoardSight[] = [];
    const onSight = (sight: BoardSight) => sights.push(sight);
    super(
      t,
      "usb-Fulltrace_Board_0001-if00",
      new SimulatedBoard({ framing, clock: systemClock, random: systemRandom, onSight }),
    );
    this.sights = sights;
  }

  static async open(t: TestContext): Promise<PluggedBoard> {
    const plugged = new PluggedBoard(t, await Framing.load());
    await plugged.plug();
    return plugged;
  }

  /** What the first lamp shows now, colours only; null: nothing was shown yet. */
  get lamp(): string | null {
    const shown = this.sights.findLast((sight) => sight.kind === "lamp" && sight.lamp === 0);
    if (shown?.kind !== "lamp") return null;
    return shown.pattern.steps.map(({ red, green, blue, ms }) => `${red},${green},${blue} ${ms}`).join(" / ");
  }
}

/** A GNSS receiver that tells the time of this machine and one place, twice a second. */
export class PluggedGnss extends PluggedDevice<SimulatedGnss> {
  static async open(t: TestContext): Promise<PluggedGnss> {
    const means = { clock: systemClock, random: systemRandom, everyMs: TELLS_EVERY_MS };
    const plugged = new PluggedGnss(t, "usb-GNSS_receiver-if00", new SimulatedGnss(means));
    await plugged.plug();
    return plugged;
  }
}
