import type { Command } from "commander";
import { dockHelp } from "../text/dock/help.ts";
import type { Phrase } from "../text/phrase.ts";
import { type Tools, targeted } from "./tools.ts";

/** `dock`: what an attendant sees and says. */
export function addDock({ program, perform, face, say }: Tools): void {
  const dock = program.command("dock").description(say(dockHelp.dock));
  const verb = (name: string, about: Phrase): Command =>
    targeted(dock.command(name).description(say(about)), say);
  const orders = () => import("../verbs/dock/orders.ts");

  verb("bays", dockHelp.bays).action((options) =>
    perform(async () => (await import("../verbs/dock/bays.ts")).bays(face, options)),
  );
  verb("show", dockHelp.show)
    .argument("<BAY>", say(dockHelp.bay))
    .action((bay, options) =>
      perform(async () => (await import("../verbs/dock/show.ts")).show(face, bay, options)),
    );
  verb("first", dockHelp.first)
    .argument("<BAY>", say(dockHelp.bay))
    .argument("[PATH]", say(dockHelp.path))
    .action((bay, path, options) => perform(async () => (await orders()).first(face, bay, path, options)));
  verb("wipe", dockHelp.wipe)
    .argument("<BAY>", say(dockHelp.bay))
    .action((bay, options) => perform(async () => (await orders()).wipe(face, bay, options)));
  verb("wearer", dockHelp.wearer)
    .argument("<BAY>", say(dockHelp.bay))
    .argument("<WEARER>", say(dockHelp.wearerId))
    .action((bay, id, options) => perform(async () => (await orders()).wearer(face, bay, id, options)));
  verb("hand-out", dockHelp.handOut)
    .argument("<BAY>", say(dockHelp.bay))
    .argument("<WEARER>", say(dockHelp.wearerId))
    .action((bay, id, options) => perform(async () => (await orders()).handOut(face, bay, id, options)));
}
