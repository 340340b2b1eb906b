import { type Command, Option } from "commander";
import { help } from "../text/command-line/help.ts";
import type { Phrase } from "../text/phrase.ts";
import { probeHelp } from "../text/probes/help.ts";
import { type Tools, wholeBetween } from "./tools.ts";

/** `usb`, `serial`, `camera`, `broker`, `log`: what a technician looks at, with or without an agent. */
export function addProbes(tools: Tools): void {
  addUsb(tools);
  addSerial(tools);
  addCamera(tools);
  addBroker(tools);
  addLog(tools);
}

const MOST_SECONDS = 86_400;

/** A verb with its description, and `--json`. */
function verbOf(noun: Command, say: Tools["say"]) {
  return (name: string, about: Phrase, json: Phrase = help.json): Command =>
    noun.command(name).description(say(about)).option("--json", say(json));
}

function addUsb({ program, perform, face, say }: Tools): void {
  const verb = verbOf(program.command("usb").description(say(probeHelp.usb)), say);
  verb("list", probeHelp.usbList)
    .option("--config <FILE>", say(probeHelp.config))
    .action((options) =>
      perform(async () => (await import("../verbs/probes/usb/list.ts")).list(face, options)),
    );
  verb("probe", probeHelp.usbProbe)
    .argument("<PORT>", say(probeHelp.usbPort))
    .option("--config <FILE>", say(probeHelp.config))
    .option("--no-files", say(probeHelp.noFiles))
    .option("--timeout-s <SECONDS>", say(probeHelp.probeTimeout), wholeBetween(1, MOST_SECONDS), 60)
    .action((port, options) =>
      perform(async () => (await import("../verbs/probes/usb/probe.ts")).probe(face, port, options)),
    );
  verb("watch", probeHelp.usbWatch, probeHelp.jsonLines)
    .option("--config <FILE>", say(probeHelp.config))
    .option("--for-s <SECONDS>", say(probeHelp.forS), wholeBetween(1, MOST_SECONDS))
    .action((options) =>
      perform(async () => (await import("../verbs/probes/usb/watch.ts")).watch(face, options)),
    );
}

function addSerial({ program, perform, face, say }: Tools): void {
  const verb = verbOf(program.command("serial").description(say(probeHelp.serial)), say);
  const baud = (command: Command): Command =>
    command.option("--baud <BAUD>", say(probeHelp.baud), wholeBetween(300, 4_000_000), 115_200);
  verb("list", probeHelp.serialList)
    .option("--config <FILE>", say(probeHelp.config))
    .action((options) =>
      perform(async () => (await import("../verbs/probes/serial/list.ts")).list(face, options)),
    );
  baud(verb("monitor", probeHelp.serialMonitor, probeHelp.jsonLines))
    .argument("<PORT>", say(probeHelp.serialPath))
    .addOption(
      new Option("--as <LANGUAGE>", say(probeHelp.as))
        .choices(["auto", "board", "nmea", "hex"])
        .default("auto"),
    )
    .option("--for-s <SECONDS>", say(probeHelp.forS), wholeBetween(1, MOST_SECONDS))
    .action((port, options) =>
      perform(async () => (await import("../verbs/probes/serial/monitor.ts")).monitor(face, port, options)),
    );
  baud(verb("ping", probeHelp.serialPing))
    .argument("<PORT>", say(probeHelp.serialPath))
    .option("--count <N>", say(probeHelp.count), wholeBetween(1, 10_000), 10)
    .action((port, options) =>
      perform(async () => (await import("../verbs/probes/serial/ping.ts")).ping(face, port, options)),
    );
  baud(verb("loopback", probeHelp.serialLoopback))
    .argument("<PORT>", say(probeHelp.serialPath))
    .option("--bytes <N>", say(probeHelp.loopBytes), wholeBetween(1, 100_000_000), 8_192)
    .action((port, options) =>
      perform(async () => (await import("../verbs/probes/serial/loopback.ts")).loopback(face, port, options)),
    );
}

function addCamera({ program, perform, face, say }: Tools): void {
  const verb = verbOf(program.command("camera").description(say(probeHelp.camera)), say);
  verb("list", probeHelp.cameraList)
    .option("--config <FILE>", say(probeHelp.cameraConfig))
    .action((options) =>
      perform(async () => (await import("../verbs/probes/camera/list.ts")).list(face, options)),
    );
  verb("formats", probeHelp.cameraFormats)
    .argument("<DEVICE>", say(probeHelp.cameraDevice))
    .action((device, options) =>
      perform(async () => (await import("../verbs/probes/camera/formats.ts")).formats(face, device, options)),
    );
  verb("test", probeHelp.cameraTest)
    .option("--config <FILE>", say(probeHelp.cameraConfig))
    .option("--camera <SOURCE>", say(probeHelp.cameraSource))
    .option("--microphone <DEVICE>", say(probeHelp.microphone))
    .option("--seconds <N>", say(probeHelp.seconds), wholeBetween(1, 60), 5)
    .option("--still <FILE>", say(probeHelp.still))
    .action((options) =>
      perform(async () => (await import("../verbs/probes/camera/test.ts")).test(face, options)),
    );
}

function addBroker({ program, perform, face, say }: Tools): void {
  const verb = verbOf(program.command("broker").description(say(probeHelp.broker)), say);
  verb("test", probeHelp.brokerTest)
    .requiredOption("--config <FILE>", say(probeHelp.deviceConfig))
    .option("--part-kib <N>", say(probeHelp.partKib), wholeBetween(1, 1024), 256)
    .option("--seconds <N>", say(probeHelp.stepSeconds), wholeBetween(1, 60), 2)
    .action((options) =>
      perform(async () => (await import("../verbs/probes/broker/test.ts")).test(face, options)),
    );
}

function addLog({ program, perform, face, say }: Tools): void {
  const verb = verbOf(program.command("log").description(say(probeHelp.log)), say);
  verb("tail", probeHelp.logTail, probeHelp.jsonLines)
    .argument("[FILE]", say(probeHelp.logFile))
    .addOption(
      new Option("--level <LEVEL>", say(probeHelp.level)).choices([
        "trace",
        "debug",
        "info",
        "warn",
        "error",
        "fatal",
      ]),
    )
    .option("--event <TEXT>", say(probeHelp.event))
    .option("--field <NAME=VALUE>", say(probeHelp.field))
    .option("--since <MOMENT>", say(probeHelp.since))
    .option("-n, --lines <N>", say(probeHelp.lines), wholeBetween(1, 100_000), 50)
    .option("-f, --follow", say(probeHelp.follow))
    .action((file, options) =>
      perform(async () => (await import("../verbs/probes/log/tail.ts")).tail(face, file, options)),
    );
}
