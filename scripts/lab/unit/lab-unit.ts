import { join } from "node:path";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { FarEnd } from "../machine/line-end.ts";
import { LoggedCard } from "./card/logged-card.ts";
import { Office } from "./office.ts";
import type { UnitShell } from "./shell.ts";
import { UnitMachine } from "./unit-machine.ts";

/** From U-Boot's start to a recorder that runs, in an emulated machine. */
export const UP_MS = 240_000;
/** Where its control board hangs. */
export const BOARD_DEVICE = "/dev/ttyUSB0";

/** The unit of a run, with what stands around it: its card, its control board, its office. */
export class LabUnit {
  readonly folder: string;
  readonly card: LoggedCard;
  readonly office: Office;
  /** The files behind disks that can be plugged in, by the names of their drives. */
  readonly disks = new Map<string, string>();
  readonly #line: string;
  /** Of this computer's clock, which the machine's follows. */
  switchedOnMs = 0;
  #machine: UnitMachine | null = null;
  #board: FarEnd | null = null;

  private constructor(folder: string, office: Office) {
    this.folder = folder;
    this.card = new LoggedCard(folder, systemRandom);
    this.#line = join(folder, "line.sock");
    this.office = office;
  }

  static async lay(folder: string): Promise<LabUnit> {
    return new LabUnit(folder, await Office.open(folder));
  }

  get machine(): UnitMachine {
    if (this.#machine === null) throw new Error("the unit is switched off");
    return this.#machine;
  }

  get shell(): UnitShell {
    return this.machine.shell;
  }

  /** The far end of its serial line: a control board that is a program. */
  get board(): FarEnd {
    if (this.#board === null) throw new Error("the unit was never switched on");
    return this.#board;
  }

  /** Switches it on, and waits until its recorder runs. */
  async on(): Promise<void> {
    await this.power();
    await this.running();
  }

  /** Switches it on, and waits until its shell answers. */
  async power(): Promise<void> {
    const devices = [
      ...["-chardev", `socket,id=line,path=${this.#line},server=on,wait=off`],
      ...["-device", "usb-serial,bus=bus.0,chardev=line,always-plugged=on"],
      ...[...this.disks].flatMap(([name, file]) => [
        "-blockdev",
        `driver=raw,node-name=${name},file.driver=file,file.filename=${file}`,
      ]),
    ];
    const { layer, log } = await this.card.lay();
    this.switchedOnMs = systemClock.utcMs();
    this.#machine = await UnitMachine.start({ folder: this.folder, layer, log, devices });
    this.#board ??= await FarEnd.connect(this.#line);
    this.#board.become("board");
    await this.#machine.up(UP_MS);
  }

  async running(): Promise<void> {
    await this.shell.until("systemctl is-active fulltrace-recorder", UP_MS);
  }

  /** Shuts it down in order. Throws when the power had to be taken away. */
  async off(): Promise<void> {
    const ended = await this.machine.off();
    this.#machine = null;
    this.card.keepAll();
    if (!ended) throw new Error("it did not switch itself off");
  }

  /** Takes the power away: what the card had not been told to keep, it keeps or not. */
  async cut(): Promise<void> {
    await this.machine.cut();
    this.#machine = null;
    this.card.keepWhatReached();
  }

  /** `fulltrace` on the unit, about its running recorder. Throws unless it ends with 0. */
  async fulltrace(words: string): Promise<string> {
    return await this.shell.run(`fulltrace ${words} --data /var/lib/fulltrace`, UP_MS);
  }

  /** What it began by itself, if it has; a camera that is just away would go on with it. */
  async endRecording(): Promise<void> {
    const idle = `fulltrace status --json --data /var/lib/fulltrace | grep -q '"state": "pre-event"'`;
    await this.shell.until(
      `fulltrace record stop --data /var/lib/fulltrace >/dev/null 2>&1; sleep 5; ${idle}`,
      UP_MS,
    );
  }

  /** Unless it records already. */
  async beginRecording(): Promise<void> {
    const recording = `fulltrace status --json --data /var/lib/fulltrace | grep -q '"state": "recording"'`;
    await this.shell.until(
      `${recording} || { fulltrace record start --data /var/lib/fulltrace >/dev/null 2>&1; ${recording}; }`,
      UP_MS,
    );
  }

  close(): void {
    this.#board?.close();
    this.#machine?.kill();
    this.office.close();
  }
}
