import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "smol-toml";
import type { Steps } from "../../steps.ts";
import { type LabUnit, UP_MS } from "../lab-unit.ts";
import { Office } from "../office.ts";
import type { Recorders } from "../recorders.ts";

const DATA = "/var/lib/fulltrace/dock";
const CONFIG = "/etc/fulltrace/dock.toml";
/** Two recorders with 9 MiB between them, over an emulated bus into an emulated processor. */
const EMPTIED_MS = 480_000;

/** The same computer as a docking station: its services empty two recorders into an office, with proof. */
export async function docking(unit: LabUnit, recorders: Recorders, steps: Steps): Promise<void> {
  const { shell } = unit;
  const place = join(unit.folder, "dock-office");
  mkdirSync(place);
  const office = await Office.open(place);
  try {
    await shell.run("systemctl stop fulltrace-recorder", UP_MS);
    const began = await steps.step("unit: it is a dock", () => begin(unit, office));
    if (began === null) return;
    await steps.step("unit: a camera by MTP and a disk are emptied", async () => {
      await recorders.plugInto(unit.machine);
      await shell.until(ALL_READY, EMPTIED_MS);
      await shell.run(`fulltrace sync flush --timeout-s 120 --data ${DATA}`, UP_MS);
      return { value: true, detail: await handedOver(recorders, office) };
    });
    await shell.run("systemctl stop fulltrace-dock", UP_MS);
    await shell.run("systemctl start fulltrace-recorder", UP_MS);
  } finally {
    office.close();
  }
}

/** Tells the bays when they are not. */
const ALL_READY =
  `fulltrace dock bays --data ${DATA}; ` +
  `test "$(fulltrace dock bays --json --data ${DATA} | grep -c '"state": "ready"')" = 2`;

/** As service.md tells whoever gives a unit its role; what stands in /etc of other units lies in /run here. */
async function begin({ shell }: LabUnit, office: Office) {
  const config = stringify({
    role: "dock",
    data_dir: DATA,
    lang: "en",
    device: { model: "DOCK-2", serial: "LAB-0003" },
    dock: { mount: "service", wipe_unknown: true, ready_without: ["clock", "battery"] },
    disk: { reserve_bytes: 64 * 2 ** 20, stop_bytes: 16 * 2 ** 20 },
    sync: { url: office.url, ...office.believed },
  });
  await shell.run(`install -d -o fulltrace -g fulltrace -m 0750 ${DATA}`);
  await shell.run(`printf '%s' '${config}' > ${CONFIG}`);
  await shell.run(
    "mkdir -p /run/udev/rules.d && cp /usr/lib/fulltrace/config/udev/*.rules /run/udev/rules.d/",
  );
  await shell.run("udevadm control --reload");
  await shell.run("systemctl start fulltrace-dock", UP_MS);
  const told = await shell.run(`fulltrace key show --json --config ${CONFIG}`, UP_MS);
  const { device } = JSON.parse(told) as { device: string };
  await office.accept(device);
  return { value: true, detail: await shell.run("systemctl is-active fulltrace-dock") };
}

/** Every film lies at the office under the digest that it had on its card, and nothing is left on the cards. */
async function handedOver(recorders: Recorders, office: Office): Promise<string> {
  const starts = await office.entries("recording.start");
  const stops = await office.entries("recording.stop");
  for (const { path, sha256 } of recorders.films) {
    const rec = starts.find(({ parsed }) => (parsed["source"] as { path?: string }).path === path)?.parsed[
      "rec"
    ];
    const digest = stops.find(({ parsed }) => parsed["rec"] === rec)?.parsed["file_digest"];
    if (digest !== sha256) throw new Error(`${path}: ${digest}, and not ${sha256}`);
  }
  const wiped = (await office.entries("dock.wipe")).length;
  if (wiped !== recorders.films.length) throw new Error(`${wiped} were wiped`);
  const verdict = await office.verdict();
  if (!verdict.startsWith("authentic")) throw new Error(verdict);
  return `${wiped} films handed over and wiped; ${verdict}`;
}
