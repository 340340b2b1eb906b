import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemRandom } from "../../../../config/base/random.ts";
import { bootOnce, readEnv, type Slot } from "../../../image/boot/boot-env.ts";
import { run } from "../../../package/run.ts";
import type { Steps } from "../../steps.ts";
import { type Request, surviving } from "../card/block-log.ts";
import { LoggedCard } from "../card/logged-card.ts";
import { type Partition, partitionsOf } from "../card/partitions.ts";
import { type LabUnit, UP_MS } from "../lab-unit.ts";
import { UnitMachine } from "../unit-machine.ts";

const POINTS = 100;
const BOOTED = 5;

/** A stretch of the requests to the unit's card. */
export interface Stretch {
  from: number;
  to: number;
}

/** What a card is that lost its power at one point. */
interface CutCard {
  requests: Request[];
  slot: Slot;
}

/**
 * An installation that was recorded block by block, cut off at points all over it: the slot that U-Boot would start
 * then is whole, and some of those cards are started.
 */
export async function cutInstallation(unit: LabUnit, stretch: Stretch, steps: Steps): Promise<void> {
  const partitions = await partitionsOf(unit.card.file);
  const all = unit.card.requests();
  const written = all.slice(stretch.from, stretch.to);
  const sound = await steps.step(`unit: installation cut at ${POINTS} points`, async () => {
    const found: CutCard[] = [];
    const untouched = overlapping(written, partitions["root-a"]);
    if (untouched.length > 0) throw new Error("the running slot was written to");
    const whole = contentOf(unit.card, all.slice(0, stretch.to), partitions["root-b"]);
    for (const point of pointsIn(written, partitions["boot-env"], stretch.from)) {
      const requests = surviving(all, point, () => (systemRandom.bytes(1)[0] as number) < 128);
      const env = imageOf(unit.card, requests, partitions["boot-env"]);
      const { slot } = bootOnce(env);
      if (slot === null) throw new Error(`request ${point}: no slot starts: ${JSON.stringify(readEnv(env))}`);
      if (slot === "B" && contentOf(unit.card, requests, partitions["root-b"]) !== whole)
        throw new Error(`request ${point}: B starts, and is not whole`);
      found.push({ requests, slot });
    }
    const news = found.filter(({ slot }) => slot === "B").length;
    if (news === 0 || news === found.length) throw new Error("all cuts are on one side");
    return { value: found, detail: `${found.length - news} start the old version, ${news} the new one` };
  });
  if (sound === null) return;
  unit.machine.hold();
  try {
    for (const [index, card] of chosen(sound).entries())
      await steps.step(`unit: cut installation started, ${index + 1} of ${BOOTED}`, () => start(unit, card));
  } finally {
    unit.machine.release();
  }
}

/** Cut off from its office, which knows only one unit of this key. */
async function start(unit: LabUnit, { requests, slot }: CutCard) {
  const folder = await run("mktemp", ["-d", join(unit.folder, "cut-XXXXXX")]).then((told) => told.trim());
  const card = new LoggedCard(folder, systemRandom);
  await unit.card.copyWith(requests, card.file);
  const machine = await UnitMachine.start({ folder, network: false, ...(await card.lay()) });
  try {
    await machine.up(UP_MS);
    await machine.shell.until("systemctl is-active fulltrace-recorder", UP_MS);
    const ran = await machine.shell.run("sed -n 's/.*rauc.slot=\\([AB]\\).*/\\1/p' /proc/cmdline");
    if (ran !== slot) throw new Error(`${slot} should have started, ${ran} did`);
    return { value: true, detail: `${slot}, ${await machine.shell.run("head -n 1 /etc/fulltrace-release")}` };
  } finally {
    machine.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Some of both kinds, spread over the installation. */
function chosen(cards: readonly CutCard[]): CutCard[] {
  const of = (slot: Slot) => cards.filter((card) => card.slot === slot);
  const spread = (list: CutCard[], count: number) =>
    Array.from(
      { length: count },
      (_, i) => list[Math.floor((i * (list.length - 1)) / Math.max(1, count - 1))],
    );
  return [...spread(of("A"), BOOTED - 2), ...spread(of("B"), 2)].filter((card) => card !== undefined);
}

/** Before and behind each write of the boot environment, and for the rest anywhere; in order. */
function pointsIn(written: readonly Request[], env: Partition | undefined, from: number): number[] {
  const points = new Set<number>();
  const environment = new Set(overlapping(written, env));
  written.forEach((request, i) => {
    if (environment.has(request)) for (const at of [i, i + 1]) points.add(from + at);
  });
  while (points.size < Math.min(POINTS, written.length))
    points.add(from + (systemRandom.bytes(4).readUInt32LE() % (written.length + 1)));
  return [...points].sort((one, other) => one - other);
}

function overlapping(requests: readonly Request[], partition: Partition | undefined): Request[] {
  if (partition === undefined) throw new Error("the card lacks a partition");
  const { at, bytes } = partition;
  return requests.filter((one) => one.data !== null && one.at < at + bytes && one.at + one.bytes > at);
}

/** The bytes of a partition, the requests being done. */
function imageOf(card: LoggedCard, requests: readonly Request[], partition: Partition | undefined): Buffer {
  const relevant = overlapping(requests, partition);
  const { at, bytes } = partition as Partition;
  const content = Buffer.alloc(bytes);
  const fd = openSync(card.file, "r");
  readSync(fd, content, 0, bytes, at);
  closeSync(fd);
  for (const request of relevant) {
    const written = card.dataOf(request);
    const from = Math.max(0, at - request.at);
    written.copy(content, Math.max(0, request.at - at), from);
  }
  return content;
}

/** Its SHA-256. */
function contentOf(card: LoggedCard, requests: readonly Request[], partition: Partition | undefined): string {
  return createHash("sha256")
    .update(imageOf(card, requests, partition))
    .digest("hex");
}
