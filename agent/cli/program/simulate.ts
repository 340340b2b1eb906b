import { Option } from "commander";
import { simulateHelp } from "../text/simulate/help.ts";
import { type Tools, wholeBetween } from "./tools.ts";

const MOST_SECONDS = 1_000_000_000;
const MOST_BYTES = 2 ** 40 - 1;

/** `fulltrace simulate …`: hardware that is not there. */
export function addSimulate({ program, perform, face, say }: Tools): void {
  const simulate = program.command("simulate").description(say(simulateHelp.simulate));
  simulate
    .command("board")
    .description(say(simulateHelp.board))
    .requiredOption("--link <PATH>", say(simulateHelp.link))
    .action((options) =>
      perform(async () => (await import("../verbs/simulate/board.ts")).simulateBoard(face, options)),
    );
  simulate
    .command("gnss")
    .description(say(simulateHelp.gnss))
    .requiredOption("--link <PATH>", say(simulateHelp.link))
    .action((options) =>
      perform(async () => (await import("../verbs/simulate/gnss.ts")).simulateGnss(face, options)),
    );
  simulate
    .command("recorder")
    .description(say(simulateHelp.recorder))
    .addOption(
      new Option("--make <MAKE>", say(simulateHelp.make))
        .choices(["mtp", "jieli", "disk"])
        .makeOptionMandatory(),
    )
    .requiredOption("--hub <DIR>", say(simulateHelp.hub))
    .requiredOption("--port <PORT>", say(simulateHelp.port))
    .requiredOption("--card <DIR>", say(simulateHelp.card))
    .option("--serial <TEXT>", say(simulateHelp.serial), "A000001")
    .option("--battery <PERCENT>", say(simulateHelp.battery), wholeBetween(0, 100), 90)
    .option("--clock-off <SECONDS>", say(simulateHelp.clockOff), wholeBetween(-MOST_SECONDS, MOST_SECONDS), 0)
    .option("--wearer <ID>", say(simulateHelp.wearerId))
    .action((options) =>
      perform(async () => (await import("../verbs/simulate/recorder.ts")).simulateRecorder(face, options)),
    );
  simulate
    .command("dock")
    .description(say(simulateHelp.dock))
    .requiredOption("--hub <DIR>", say(simulateHelp.hub))
    .option("--recorders <N>", say(simulateHelp.recorders), wholeBetween(1, 64), 20)
    .option("--files <N>", say(simulateHelp.files), wholeBetween(0, 1000), 5)
    .option("--bytes <N>", say(simulateHelp.bytes), wholeBetween(0, MOST_BYTES), 1_000_000)
    .action((options) =>
      perform(async () => (await import("../verbs/simulate/dock.ts")).simulateDock(face, options)),
    );
}
