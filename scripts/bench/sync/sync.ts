import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemRandom } from "../../../config/base/random.ts";
import { createKeyFile } from "../../../crypto/keys/key-file.ts";
import { type Office, openOffice } from "../agent/office.ts";
import type { Bench } from "../bench-run.ts";
import { Helper, run } from "../measure/children.ts";
import type { Measurement } from "../measure/row.ts";
import { say } from "../measure/say.ts";
import { median } from "../measure/timing.ts";
import { fillDevice, syncMs } from "./device.ts";
import { SlowLink } from "./slow-link.ts";

const UPLOAD_PROCESS = fileURLToPath(new URL("./upload-process.js", import.meta.url));
const SLOW = { bitsPerS: 10e6, roundTripMs: 200 };

/** One kind of link: how much goes over it, how often, and how a port is reached over it. */
interface Course {
  name: string;
  chunks: number;
  rounds: number;
  goal: number;
  lead: (port: number) => Promise<{ port: number; close: () => Promise<void> }>;
}

/** The same bytes by our sync through Mosquitto, and by `curl -T` to a server that writes and syncs. */
export async function benchSync({ workDir, full }: Bench): Promise<Measurement[]> {
  const courses: Course[] = [
    {
      name: "sync over loopback Mosquitto / curl -T to a server that writes and fsyncs",
      chunks: full ? 512 : 256,
      rounds: 3,
      goal: 0.4,
      lead: async (port) => ({ port, close: async () => {} }),
    },
    {
      name: "sync at 10 Mbit/s and 200 ms round trip / curl -T over the same link",
      chunks: full ? 48 : 16,
      rounds: full ? 3 : 1,
      goal: 0.9,
      lead: (port) => SlowLink.open(port, SLOW),
    },
  ];
  const devices = courses.flatMap(({ rounds }, course) =>
    Array.from({ length: rounds }, (_, round) => {
      const dataDir = join(workDir, `device-${course}-${round}`);
      const { publicKey } = createKeyFile(join(dataDir, "keys", "device.key"), systemRandom);
      return { course, dataDir, publicKey };
    }),
  );
  const officeDir = join(workDir, "sync-office");
  mkdirSync(officeDir);
  const office = await openOffice(
    officeDir,
    devices.map(({ publicKey }) => publicKey),
  );
  const upload = new Helper(process.execPath, [UPLOAD_PROCESS, join(workDir, "uploaded")]);
  const uploadPort = Number(await upload.firstOutput());
  const measured: Measurement[] = [];
  for (const [index, course] of courses.entries()) {
    const dataDirs = devices.filter((device) => device.course === index).map(({ dataDir }) => dataDir);
    measured.push(await runCourse(course, dataDirs, office, uploadPort));
  }
  await upload.stop();
  await office.close();
  return measured;
}

async function runCourse(
  course: Course,
  dataDirs: readonly string[],
  office: Office,
  uploadPort: number,
): Promise<Measurement> {
  const toBroker = await course.lead(office.brokerPort);
  const toServer = await course.lead(uploadPort);
  const rates = { sync: [] as number[], curl: [] as number[] };
  for (const dataDir of dataDirs) {
    const { file, bytes } = fillDevice(dataDir, course.chunks);
    say(`${bytes / 1e6} MB: ${course.name}`);
    rates.curl.push(bytes / 1e6 / (await curlS(file, toServer.port)));
    rates.sync.push(bytes / 1e3 / (await syncMs(dataDir, office, toBroker.port)));
    rmSync(dataDir, { recursive: true });
  }
  await toBroker.close();
  await toServer.close();
  return {
    name: course.name,
    value: median(rates.sync),
    unit: "MB/s",
    yardstick: median(rates.curl),
    goal: { atLeast: course.goal },
  };
}

async function curlS(file: string, port: number): Promise<number> {
  const url = `http://127.0.0.1:${port}/`;
  const args = [
    "--silent",
    "--show-error",
    "--fail",
    "--noproxy",
    "*",
    "--write-out",
    "%{time_total}",
    "-T",
    file,
    url,
  ];
  return Number(await run("curl", args));
}
