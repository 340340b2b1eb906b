import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Counters } from "../../../../config/base/counters.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { GnssReceiver } from "../../../../drivers/serial/gnss/gnss-receiver.ts";
import type { SerialPort } from "../../../../drivers/serial/line/serial-port.ts";
import { settled } from "../../../support/media/scripted-camera.ts";
import { fixSentences } from "../../../support/serial/nmea.ts";
import { ManualClock, seededRandom } from "../../../support/surroundings.ts";

/** A receiver at a port that the test speaks into. */
class Bench {
  readonly clock = new ManualClock();
  readonly counters = new Counters();
  readonly told: string[] = [];
  openings = 0;
  isMissing = false;
  #say: (bytes: Uint8Array) => void = () => undefined;
  #end: (reason: AgentError) => void = () => undefined;
  readonly receiver = new GnssReceiver({
    open: async () => this.#open(),
    clock: this.clock,
    random: seededRandom("gnss"),
    counters: this.counters,
    onTrouble: ({ code }) => this.told.push(code),
    onHeard: () => this.told.push("heard"),
  });

  constructor(t: TestContext) {
    const ending = new AbortController();
    const running = this.receiver.run(ending.signal);
    t.after(async () => {
      ending.abort();
      await running;
    });
  }

  /** In pieces that end anywhere. */
  says(text: string): void {
    for (let at = 0; at < text.length; at += 7) this.#say(Buffer.from(text.slice(at, at + 7)));
  }

  async fixes(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.passes(1000);
      this.says(`${fixSentences({ utcMs: this.clock.utcMs() }).join("\r\n")}\r\n`);
    }
  }

  async passes(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) {
      await settled();
      this.clock.advance(500);
    }
    await settled();
  }

  unplug(): void {
    this.#end(new AgentError("serial-gone", "gnss"));
  }

  #open(): SerialPort {
    if (this.isMissing) throw new AgentError("serial-missing", "gnss");
    this.openings++;
    const ended = new Promise<AgentError>((resolve) => {
      this.#end = resolve;
    });
    return {
      path: "gnss",
      ended,
      deliverTo: (handler) => {
        this.#say = handler;
      },
      write: async () => undefined,
      close: async (reason = new AgentError("serial-closed", "gnss")) => this.#end(reason),
    };
  }
}

test("a position and a time come from the line, and are gone with it", async (t) => {
  const bench = new Bench(t);
  await settled();
  bench.says("\u0000\u00ff noise\r\n");
  await bench.fixes(4);
  assert.equal(bench.receiver.position()?.lat_e7, 399_043_673);
  assert.equal(bench.receiver.time()?.utcMs, bench.clock.utcMs());
  assert.deepEqual(bench.told, ["heard"]);
  assert.ok(bench.counters.get("nmea-discarded-bytes") > 0);
  bench.isMissing = true;
  bench.unplug();
  await bench.passes(5000);
  assert.equal(bench.receiver.position(), null);
  assert.deepEqual([...new Set(bench.told)], ["heard", "serial-gone", "serial-missing"]);
  bench.isMissing = false;
  await bench.passes(3000);
  await bench.fixes(4);
  assert.notEqual(bench.receiver.position(), null);
  assert.equal(bench.told.at(-1), "heard");
});

test("a line on which nothing comes is opened anew", async (t) => {
  const bench = new Bench(t);
  await settled();
  await bench.fixes(2);
  await bench.passes(20_000);
  assert.ok(bench.told.includes("gnss-silent"), `${bench.told}`);
  assert.ok(bench.openings >= 2);
});

test("a line that ends nowhere grows nothing, and what follows it is read", async (t) => {
  const bench = new Bench(t);
  await settled();
  bench.says("$GNRMC,".repeat(50_000));
  bench.says("\r\n");
  await bench.fixes(2);
  assert.notEqual(bench.receiver.position(), null);
  assert.equal(bench.counters.get("nmea-discarded-bytes"), 350_000);
});
