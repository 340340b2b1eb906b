import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { systemClock } from "../../../config/base/clock.ts";
import { run } from "../../package/run.ts";
import type { LabOptions } from "../options.ts";
import type { Steps } from "../steps.ts";
import { Container } from "./container.ts";
import { Buildah, containerBase } from "./container-image.ts";

/** From an emulated process's start to a recorder that answers. */
const START_MS = 240_000;
/** What a container without hardware and without a receiver may rightly be told by the doctor. */
const WITHOUT_HARDWARE = ["cameras", "microphones", "usb-devices", "serial-ports", "clock-source"];

/** `Dockerfile.armhf`, built and run for real. */
export async function containerTests(root: string, options: LabOptions, steps: Steps): Promise<void> {
  const base = await steps.step("container: base", async () => {
    const made = await containerBase(options.fresh);
    return { value: made, detail: made.built ? "built" : "from the cache" };
  });
  if (base === null) return;
  const folder = mkdtempSync(join(process.env.TMPDIR ?? "/var/tmp", "fulltrace-container-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const buildah = new Buildah(folder);
  const rootfs = await steps.step("container: built", async () => {
    await run(join(root, "scripts/build-armhf"), []);
    await buildah.build(root, base.tar);
    return { value: await buildah.mount(), detail: "buildah, Dockerfile.armhf" };
  });
  if (rootfs === null) return;
  const container = new Container(join(folder, "bundle"), rootfs, recorderFiles(folder));
  await steps.step("container: its command", async () => {
    const version = await container.run(["fulltrace", "--version"]);
    const account = await container.run(["id", "-u"]);
    if (account !== "990") throw new Error(`it runs as ${account}`);
    await container.refuses(["touch", "/usr/lib/fulltrace/x"]);
    return { value: true, detail: `${version}, as account ${account}, its root read-only` };
  });
  await steps.step("container: its health check", async () => {
    const { Healthcheck } = (await buildah.config()) as { Healthcheck?: { Test: string[] } };
    const [kind, ...words] = Healthcheck?.Test ?? [];
    if (kind !== "CMD") throw new Error(`the health check is ${JSON.stringify(Healthcheck)}`);
    const recorder = container.start(["fulltrace", "run", "--config", CONFIG]);
    const healthy = async () => (await recorder.outcome(words)) === 0;
    try {
      const deadlineUs = systemClock.monoUs() + START_MS * 1000;
      while (!(await healthy()))
        if (systemClock.monoUs() > deadlineUs) throw new Error(`not healthy within ${START_MS / 1000} s`);
      await recorder.freeze();
      if (await healthy()) throw new Error("a frozen recorder is called healthy");
      await recorder.thaw();
      if (!(await healthy())) throw new Error("it did not recover");
      return { value: true, detail: "healthy, frozen, healthy again" };
    } finally {
      await recorder.end();
    }
  });
  await steps.step("container: the doctor", async () => {
    const told = await container.run(["fulltrace", "doctor", "--json", "--config", CONFIG], [0, 1]);
    const { checks } = JSON.parse(told) as { checks: { id: string; status: string }[] };
    const failed = checks.filter(({ status }) => status === "fail").map(({ id }) => id);
    const unexpected = failed.filter((id) => !WITHOUT_HARDWARE.includes(id));
    if (unexpected.length > 0) throw new Error(unexpected.join(", "));
    return { value: true, detail: `${checks.length} checks; failed: ${failed.join(", ") || "none"}` };
  });
  await steps.step("container: as an archive", async () => {
    const file = join(folder, "fulltrace-armhf.oci.tar");
    await buildah.push(file);
    const config = (await buildah.config()) as { User?: string; StopSignal?: string; Volumes?: object };
    if (config.User !== "fulltrace" || config.StopSignal !== "SIGTERM")
      throw new Error(JSON.stringify(config));
    const mib = Number(await run("stat", ["-c", "%s", file])) / 2 ** 20;
    return { value: true, detail: `${mib.toFixed(0)} MiB, ${Object.keys(config.Volumes ?? {}).join(" ")}` };
  });
}

const CONFIG = "/etc/fulltrace/recorder.toml";

/** What is mounted into the container: its configuration, and a place for its evidence. */
function recorderFiles(folder: string): { etc: string; evidence: string } {
  const etc = join(folder, "etc");
  const evidence = join(folder, "evidence");
  mkdirSync(etc);
  mkdirSync(evidence);
  writeFileSync(
    join(etc, "recorder.toml"),
    stringify({
      role: "recorder",
      data_dir: "/var/lib/fulltrace",
      lang: "en",
      device: { model: "BWC-1", serial: "LAB-0002" },
      camera: { source: "testsrc", size: "160x120", rate: 5 },
      recording: { pre_event_ms: 0 },
      disk: { reserve_bytes: 0, stop_bytes: 0 },
    }),
  );
  return { etc, evidence };
}
