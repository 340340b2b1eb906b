import { connect, type Socket } from "node:net";
import { systemClock } from "../../../config/base/clock.ts";

/** Between two questions. */
const BETWEEN_MS = 500;

/** A shell in the unit, over the virtual console: what `lab-shell.service` of the overlay serves. */
export class UnitShell {
  readonly #socket: Socket;
  #text = "";
  #heard: (() => void) | null = null;
  #count = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      this.#text += text;
      this.#heard?.();
    });
    // the machine was switched off: whoever waits is told by its time
    socket.on("error", () => {});
  }

  static async connect(path: string): Promise<UnitShell> {
    const socket = connect(path);
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new UnitShell(socket);
  }

  /** Waits until a shell answers: the unit has come up. Throws after `timeoutMs`. */
  async ready(timeoutMs: number): Promise<void> {
    const deadlineUs = systemClock.monoUs() + timeoutMs * 1000;
    for (;;) {
      const answer = await this.#ask("stty -echo 2>/dev/null; true", 2_000).catch(() => null);
      if (answer?.code === 0) return;
      if (systemClock.monoUs() > deadlineUs) throw new Error(`no shell within ${timeoutMs / 1000} s`);
    }
  }

  /** What the command printed. Throws unless it ends with 0 within `timeoutMs`. */
  async run(command: string, timeoutMs = 60_000): Promise<string> {
    const { code, printed } = await this.#ask(command, timeoutMs);
    if (code !== 0) throw new Error(`${command}: exit ${code}\n${printed}`);
    return printed;
  }

  /** Asks again and again until the command ends with 0. Throws with its last answer after `timeoutMs`. */
  async until(command: string, timeoutMs: number): Promise<string> {
    const deadlineUs = systemClock.monoUs() + timeoutMs * 1000;
    for (;;) {
      const { code, printed } = await this.#ask(command, 60_000);
      if (code === 0) return printed;
      if (systemClock.monoUs() > deadlineUs)
        throw new Error(`${command}: not within ${timeoutMs / 1000} s\n${printed}`);
      await systemClock.sleep(BETWEEN_MS);
    }
  }

  /** The same, of a unit that starts anew meanwhile: what is not answered is asked again. */
  async untilThrough(command: string, timeoutMs: number): Promise<void> {
    const deadlineUs = systemClock.monoUs() + timeoutMs * 1000;
    for (;;) {
      const answer = await this.#ask(command, 5_000).catch(() => null);
      if (answer?.code === 0) return;
      if (systemClock.monoUs() > deadlineUs)
        throw new Error(`${command}: not within ${timeoutMs / 1000} s\n${answer?.printed ?? ""}`);
      await systemClock.sleep(BETWEEN_MS);
    }
  }

  /** Without waiting for an end, which this shell may not live to tell. */
  tell(command: string): void {
    this.#socket.write(`${command}\n`);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #ask(command: string, timeoutMs: number): Promise<{ code: number; printed: string }> {
    const number = ++this.#count;
    this.#text = "";
    // broken in two, so that an echo of the line is no answer
    this.#socket.write(`echo "BEG""IN-${number}"; (${command}) 2>&1; echo "E""ND-${number} $?"\n`);
    const pattern = new RegExp(`BEGIN-${number}\\r?\\n([^]*?)END-${number} (\\d+)\\r?\\n`);
    return await new Promise((resolve, reject) => {
      const late = () =>
        reject(new Error(`${command}: no answer within ${timeoutMs / 1000} s\n${this.#text}`));
      const timer = setTimeout(late, timeoutMs);
      this.#heard = () => {
        const [, printed = "", code] = pattern.exec(this.#text) ?? [];
        if (code === undefined) return;
        clearTimeout(timer);
        resolve({ code: Number(code), printed: printed.replaceAll("\r", "").trim() });
      };
    });
  }
}
