import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../../../config/base/clock.ts";
import { TimeLimits } from "../../../../drivers/usb/libusb/time-limits.ts";

interface Sleeper {
  endMs: number;
  wake: () => void;
}

/** A clock that stands until it is moved. */
class StandingClock implements Clock {
  nowMs = 0;
  readonly sleepers = new Set<Sleeper>();
  utcMs = (): number => this.nowMs;
  monoUs = (): number => this.nowMs * 1000;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { endMs: this.nowMs + ms, wake: resolve };
      this.sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        this.sleepers.delete(sleeper);
        reject(signal.reason);
      });
    });
  }

  async moveTo(ms: number): Promise<void> {
    this.nowMs = ms;
    for (const sleeper of this.sleepers) {
      if (sleeper.endMs > ms) continue;
      this.sleepers.delete(sleeper);
      sleeper.wake();
    }
    await turn();
  }
}

const never = (): Promise<never> => new Promise(() => {});

describe("the time limits of a link", () => {
  it("end each call at its own time, with one timer for all", async () => {
    const clock = new StandingClock();
    const limits = new TimeLimits(clock, "1-1");
    const ended: string[] = [];
    const wait = (name: string, ms: number) =>
      limits.within(ms, never()).catch(({ code }: { code: string }) => ended.push(`${name} ${code}`));
    void wait("later", 300);
    void wait("sooner", 100);
    void wait("last", 500);
    assert.equal(clock.sleepers.size, 1);
    await clock.moveTo(99);
    assert.deepEqual(ended, []);
    await clock.moveTo(100);
    assert.deepEqual(ended, ["sooner usb-timeout"]);
    await clock.moveTo(300);
    assert.deepEqual(ended, ["sooner usb-timeout", "later usb-timeout"]);
    assert.equal(clock.sleepers.size, 1);
    await clock.moveTo(500);
    assert.equal(ended.length, 3);
    assert.equal(clock.sleepers.size, 0);
  });

  it("let through what comes in time, and what fails", async () => {
    const clock = new StandingClock();
    const limits = new TimeLimits(clock, "1-1");
    assert.equal(await limits.within(100, Promise.resolve(7)), 7);
    await assert.rejects(limits.within(100, Promise.reject(new Error("stall"))), /stall/);
    await clock.moveTo(200);
    assert.equal(clock.sleepers.size, 0);
  });

  it("hold no timer after the end", async () => {
    const clock = new StandingClock();
    const limits = new TimeLimits(clock, "1-1");
    void limits.within(100, never());
    limits.end();
    assert.equal(clock.sleepers.size, 0);
  });
});
