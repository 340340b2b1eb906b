import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import fc from "fast-check";
import {
  applied,
  type BootEnv,
  bootOnce,
  COPY_BYTES,
  type EnvWrite,
  emptyPartition,
  readEnv,
  SECTOR_BYTES,
  type Slot,
  writeEnv,
} from "../../../scripts/image/boot/boot-env.ts";

/** What happens to a unit, as far as its boot environment is concerned. */
type Happening = "start" | "good" | "install";

const happenings = fc.array(fc.constantFrom<Happening>("start", "start", "good", "install"), {
  maxLength: 24,
});
/** What the sectors of a write that was cut off hold. */
const cuts = fc.record({
  write: fc.nat(),
  sectors: fc.array(fc.constantFrom("old", "new", "new", "neither"), { minLength: 8, maxLength: 8 }),
});

/** A unit with two slots and what each of them holds. */
class Unit {
  partition = emptyPartition();
  whole: Record<Slot, boolean> = { A: true, B: true };
  running: Slot = "A";
  /** Each write of the environment, with the state of the slots at that time. */
  readonly writes: { before: Buffer; write: EnvWrite; whole: Record<Slot, boolean> }[] = [];

  do(happening: Happening): void {
    if (happening === "start") this.#start();
    else if (happening === "good") this.#set({ left: { [this.running]: 3 } });
    else this.#install();
  }

  /** As RAUC does: the other slot is bad, is written, is the first. */
  #install(): void {
    const other = this.running === "A" ? "B" : "A";
    this.#set({ left: { [other]: 0 } });
    this.whole = { ...this.whole, [other]: false };
    this.whole = { ...this.whole, [other]: true };
    this.#set({ order: [other, this.running] });
    this.#set({ left: { [other]: 3 } });
  }

  #start(): void {
    const { slot, write } = bootOnce(this.partition);
    this.#write(write);
    if (slot !== null) this.running = slot;
  }

  #set(change: { order?: Slot[]; left?: Partial<Record<Slot, number>> }): void {
    const { env } = readEnv(this.partition);
    const next: BootEnv = { order: change.order ?? env.order, left: { ...env.left, ...change.left } };
    this.#write(writeEnv(this.partition, next));
  }

  #write(write: EnvWrite): void {
    this.writes.push({ before: this.partition, write, whole: this.whole });
    this.partition = applied(this.partition, write);
  }
}

/** The slot that runs in the end, when those that are not whole do not start. */
function comesUp(partition: Buffer, whole: Record<Slot, boolean>): Slot | null {
  let now = partition;
  // each slot's tries, the start over, and each slot's tries again
  for (let start = 0; start < 14; start++) {
    const { slot, write } = bootOnce(now);
    now = applied(now, write);
    if (slot !== null && whole[slot]) return slot;
  }
  return null;
}

describe("the boot environment", () => {
  it("always brings up a slot that is whole, whichever write was cut off and however", () => {
    const met = { old: 0, new: 0 };
    fc.assert(
      fc.property(happenings, cuts, (steps, cut) => {
        const unit = new Unit();
        for (const step of steps) unit.do(step);
        const at = unit.writes[cut.write % Math.max(1, unit.writes.length)];
        if (at === undefined) return;
        const torn = Buffer.from(at.before);
        for (let sector = 0; sector < COPY_BYTES / SECTOR_BYTES; sector++) {
          const from = sector * SECTOR_BYTES;
          const bytes = at.write.bytes.subarray(from, from + SECTOR_BYTES);
          if (cut.sectors[sector] === "new") bytes.copy(torn, at.write.at + from);
          if (cut.sectors[sector] === "neither") torn.fill(0x5a, at.write.at + from, at.write.at + from + 16);
        }
        const before = readEnv(at.before).env;
        const after = readEnv(applied(at.before, at.write)).env;
        const found = readEnv(torn).env;
        // either all of it, or nothing of it
        const isNew = JSON.stringify(found) === JSON.stringify(after);
        assert.ok(isNew || JSON.stringify(found) === JSON.stringify(before));
        met[isNew ? "new" : "old"]++;
        assert.notEqual(comesUp(torn, at.whole), null);
      }),
      { numRuns: 2_000 },
    );
    assert.ok(met.old > 100 && met.new > 100, JSON.stringify(met));
  });

  it("with one copy instead of two would be lost: the control", () => {
    const torn = emptyPartition();
    const first = writeEnv(torn, { order: ["B", "A"], left: { A: 0, B: 3 } });
    const one = applied(torn, first);
    // the same copy is written again, and is cut off
    const again = writeEnv(one, { order: ["A", "B"], left: { A: 1, B: 1 } });
    const overwritten = Buffer.from(one);
    again.bytes.copy(overwritten, first.at, 0, 8);
    assert.equal(readEnv(overwritten).place, null);
  });

  it("of an empty card starts A, and goes to B when A never says that it is well", () => {
    let partition = emptyPartition();
    const slots: (Slot | null)[] = [];
    for (let i = 0; i < 8; i++) {
      const { slot, write } = bootOnce(partition);
      slots.push(slot);
      partition = applied(partition, write);
    }
    assert.deepEqual(slots, ["A", "A", "A", "B", "B", "B", null, "A"]);
  });

  it("is read and written by libubootenv in the same way", { skip: missing("fw_printenv") }, (t) => {
    const tool = libubootenv(t);
    fc.assert(
      fc.property(happenings, (steps) => {
        const unit = new Unit();
        unit.do("start");
        for (const step of steps) unit.do(step);
        const { env } = readEnv(unit.partition);
        const told = tool.print(unit.partition);
        assert.deepEqual(told, {
          BOOT_ORDER: env.order.join(" "),
          BOOT_A_LEFT: `${env.left.A}`,
          BOOT_B_LEFT: `${env.left.B}`,
        });
        // what is as it was would not be written
        const left = { ...env.left, B: (env.left.B + 1) % 4 };
        const after = readEnv(tool.set(unit.partition, "BOOT_B_LEFT", `${left.B}`));
        assert.deepEqual(after.env, { ...env, left });
        assert.notEqual(after.place, readEnv(unit.partition).place);
      }),
      { numRuns: 40 },
    );
  });

  it("goes on when its counter starts anew", { skip: missing("fw_printenv") }, (t) => {
    const tool = libubootenv(t);
    let partition = emptyPartition();
    for (let write = 0; write < 258; write++) {
      const left = { A: write % 4, B: 3 };
      partition = applied(partition, writeEnv(partition, { order: ["A", "B"], left }));
      assert.deepEqual(readEnv(partition).env.left, left);
      if (write > 252) assert.equal(tool.print(partition).BOOT_A_LEFT, `${left.A}`);
    }
  });
});

function missing(command: string): string | false {
  const found = spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
  return found ? false : `${command} is not installed`;
}

function libubootenv(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "fulltrace-env-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "boot-env");
  const config = join(folder, "fw_env.config");
  writeFileSync(config, `${file} 0x0 0x1000\n${file} 0x40000 0x1000\n`);
  return {
    print(partition: Buffer): Record<string, string> {
      writeFileSync(file, partition);
      const printed = execFileSync("fw_printenv", ["-c", config], { encoding: "utf8" });
      return Object.fromEntries(
        printed
          .trim()
          .split("\n")
          .map((line) => line.split("=")),
      );
    },
    set(partition: Buffer, name: string, value: string): Buffer {
      writeFileSync(file, partition);
      execFileSync("fw_setenv", ["-c", config, name, value]);
      return readFileSync(file);
    },
  };
}
