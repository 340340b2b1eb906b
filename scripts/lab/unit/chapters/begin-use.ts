import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { fulltrace } from "../../../demo/agent-process.ts";
import type { Steps } from "../../steps.ts";
import { BOARD_DEVICE, type LabUnit, UP_MS } from "../lab-unit.ts";
import type { UnitImages } from "../unit-images.ts";

const CARD_BYTES = 3 * 2 ** 30;
const ENROLMENT_CODE = "lab-enrolment-code";
export const SERIAL = "LAB-0001";

/** What a technician does with a new unit: its card is flashed, it starts, it is enrolled. False: it does not run. */
export async function beginUse(unit: LabUnit, images: UnitImages, steps: Steps): Promise<boolean> {
  const flashed = await steps.step("unit: flash", () => flash(unit, images));
  if (flashed === null) return false;
  const running = await steps.step("unit: first start", async () => {
    await unit.on();
    return { value: true, detail: await unit.shell.run("node --version") };
  });
  if (running === null) return false;
  await steps.step("unit: as it is handed out", async () => {
    const { shell } = unit;
    const state = await shell.until("systemctl is-system-running", UP_MS);
    // the root is read-only; what the card carried is wiped; nobody can sign in
    await shell.run("! touch /x");
    await shell.run("cmp -n 524288 /dev/disk/by-partlabel/personal /dev/zero");
    await shell.run("! grep -q '^[^:]*:[^*!]' /etc/shadow");
    const size = await shell.run("df --output=size -BM /data | tail -n 1");
    return { value: true, detail: `${state}; data ${size}` };
  });
  const enrolled = await steps.step("unit: enrolled", () => enrol(unit));
  return enrolled !== null;
}

/** Writes its card, with what is its own; `more` are options beside those. */
export async function flash({ card, folder, office }: LabUnit, { image }: UnitImages, more: string[] = []) {
  writeFileSync(card.file, "");
  truncateSync(card.file, CARD_BYTES);
  const config = join(folder, "recorder.toml");
  writeFileSync(
    config,
    stringify({
      role: "recorder",
      data_dir: "/var/lib/fulltrace",
      lang: "en",
      device: { model: "BWC-1", serial: "0000001" },
      camera: { source: "v4l2", device: "/dev/video0", size: "320x180", rate: 2 },
      audio: { device: "hw:Loopback,1" },
      board: { device: BOARD_DEVICE, watchdog_s: 0 },
      recording: { pre_event_ms: 2000, autostart: true, max_ms: 60_000 },
      disk: { reserve_bytes: 64 * 2 ** 20, stop_bytes: 16 * 2 ** 20 },
      sync: { url: office.url },
      update: { trial_s: 240 },
    }),
  );
  const { code, stdout, stderr } = await fulltrace([
    ...["flash", "write", image, card.file, "--yes", "--json", "--serial", SERIAL, "--config", config],
    ...office.keys.flatMap((key) => ["--receiver-key", key]),
    ...["--enrol", ENROLMENT_CODE],
    ...more,
  ]);
  if (code !== 0) throw new Error(stderr);
  const { personal } = JSON.parse(stdout) as { personal: string[] };
  return { value: true, detail: personal.join(", ") };
}

/** As an office does that gets a unit's request. */
export async function enrol({ folder, office, shell }: LabUnit) {
  const request = join(folder, "enrolment-request.json");
  writeFileSync(request, await shell.run("cat /var/lib/fulltrace/enrolment-request.json"));
  const words = ["flash", "enrolment", request, "--code", ENROLMENT_CODE, "--json"];
  const { code, stdout, stderr } = await fulltrace(words);
  if (code !== 0) throw new Error(stderr);
  const { vkey, serial } = JSON.parse(stdout) as { vkey: string; serial: string };
  if (serial !== SERIAL) throw new Error(`it calls itself ${serial}`);
  await office.accept(vkey);
  return { value: true, detail: vkey.split("+", 1)[0] ?? "" };
}
