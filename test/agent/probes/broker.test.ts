import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { measureBroker } from "../../../agent/probes/broker/measure.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { createKeyFile } from "../../../crypto/keys/key-file.ts";
import { deviceVkey } from "../../../crypto/keys/vkey.ts";
import { EmbeddedBroker } from "../../../sync/broker/embedded-broker.ts";
import { brokerLinks } from "../../../sync/link/broker-link.ts";
import type { IncomingMessage, Link } from "../../../sync/link/link.ts";
import { readArrival } from "../../../sync/receiver/edge.ts";
import { downFilter, probeTopic, shardFilters } from "../../../sync/wire/topics.ts";
import { recorder } from "../../config/sample-config.ts";
import { assertFitsSchema } from "../../support/cli-schema.ts";
import { Mosquitto } from "../../support/mosquitto.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace } from "../cli/command-line.ts";

const DEV = "5d".repeat(16);
const address = { shard: "main", dev: DEV };
const never = new AbortController().signal;
const wishes = { partBytes: 4096, stepMs: 50 };

async function embedded(t: TestContext): Promise<string> {
  const broker = await EmbeddedBroker.open({
    host: "127.0.0.1",
    port: 0,
    shard: "main",
    receivers: ["receiver"],
    maxConnections: 16,
    log: createLogger("silent", "test"),
  });
  t.after(() => broker.close());
  return `mqtt://127.0.0.1:${broker.port}`;
}

function linksTo(url: string, protocol: 4 | 5 = 4) {
  return brokerLinks({ url, protocol, keepaliveS: 60 });
}

function measure(openLink: ReturnType<typeof linksTo>) {
  return measureBroker({ openLink, address, clock: systemClock, random: systemRandom }, wishes, never);
}

describe("broker test", () => {
  it("measures beside a running device and a receiver, and neither notices", async (t) => {
    const openLink = linksTo(await embedded(t));
    const opened = async (clientId: string, subscriptions: string[]): Promise<Link> => {
      const link = await openLink({ clientId, subscriptions, maxInboundBytes: 300_000 }, never);
      t.after(() => link.close());
      return link;
    };
    const device = await opened(DEV, [downFilter(address)]);
    const receiver = await opened("receiver", shardFilters("main"));
    const heard: IncomingMessage[] = [];
    for (const link of [device, receiver]) link.deliverTo((message) => void heard.push(message));
    let deviceEnded: string | null = null;
    void device.ended.then(({ code }) => {
      deviceEnded = code;
    });
    const told = await measure(openLink);
    assert.equal(told.round_trip.count, 20);
    assert.equal(told.echo?.count, 20);
    assert.deepEqual(
      told.windows.map(({ parts }) => parts),
      [1, 2, 4, 8],
    );
    assert.ok(told.windows.every(({ sent, parts }) => sent >= parts));
    assert.equal(deviceEnded, null);
    assert.deepEqual(heard, []);
    // the control: under the device's own client id it would be thrown off
    await opened(DEV, [downFilter(address)]);
    assert.equal((await device.ended).code, "link-lost");
  });

  it("is the command's answer", async (t) => {
    const root = temporaryDirectory(t);
    const url = await embedded(t);
    mkdirSync(join(root, "data"));
    const key = createKeyFile(join(root, "data/keys/device.key"), systemRandom);
    key.destroy();
    const config = join(root, "agent.toml");
    writeFileSync(config, `${recorder}\n[sync]\nurl = "${url}"\n`);
    const args = ["broker", "test", "--config", config, "--part-kib", "16", "--seconds", "1", "--json"];
    const { exit, stdout, stderr } = await fulltrace(args);
    assert.equal(exit, 0, stderr);
    const told = JSON.parse(stdout);
    assertFitsSchema("broker test", told);
    assert.equal(told.dev, deviceVkey(key.publicKey).key.deviceId);
    assert.equal(told.part_bytes, 16_384);
    writeFileSync(config, recorder);
    const without = await fulltrace(args);
    assert.equal(without.exit, 2);
    assert.equal(JSON.parse(without.stderr).error.code, "sync-missing");
  });

  for (const [name, isListed] of [
    ["what comes back through the shipped access list", true],
    ["that nothing comes back through a list without the probe's topic", false],
  ] as const) {
    it(`tells ${name}`, async (t) => {
      const folder = temporaryDirectory(t);
      const acl = join(folder, "acl");
      // it gives up root for a user of its own
      chmodSync(folder, 0o755);
      copyFileSync(join(REPOSITORY, "config/brokers/mosquitto.acl"), acl);
      if (!isListed) writeFileSync(acl, "pattern write fulltrace/v1/main/%u/up/#\n");
      const settings = ["allow_anonymous true", `acl_file ${acl}`];
      const broker = await Mosquitto.start(t, settings);
      const openLink = brokerLinks({ url: broker.url, protocol: 4, keepaliveS: 60, username: DEV });
      const told = await measure(openLink);
      assert.equal(told.echo === null, !isListed);
      assert.equal(told.round_trip.count, 20);
    });
  }

  it("is no message of the exchange: a receiver that hears it counts a stray, and refuses nobody", () => {
    const incoming = { topic: probeTopic(address), payload: Buffer.from("x"), retained: false };
    assert.deepEqual(
      readArrival(incoming, "main", () => true),
      { kind: "stray", code: "bad-topic" },
    );
    const up = { ...incoming, topic: `fulltrace/v1/main/${DEV}/up/probe` };
    // the control: below `up/` it would be refused
    assert.equal(readArrival(up, "main", () => true).kind, "refused");
  });
});
