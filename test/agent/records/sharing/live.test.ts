import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { shareStatus } from "../../../../agent/platform.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { deviceKeyName } from "../../../../crypto/keys/vkey.ts";
import type { Link, OpenLink } from "../../../../sync/link/link.ts";
import { SHARE_API, sharedSchemaOf } from "../../../support/asyncapi.ts";
import { DEVICE, STRANGER, WITNESS } from "../../../support/ledger/ledger-maker.ts";
import { ACTIVITY, REC } from "../../../support/sharing/case-maker.ts";
import { Platform } from "../../../support/sharing/platform.ts";
import { DEV, linksTo, office } from "../../../support/sharing/share-office.ts";
import { provenBody } from "../../../support/sharing/stranger.ts";

const device = { name: deviceKeyName(DEV), key: DEVICE.publicKey.bytes };
const witness = { name: WITNESS.name, key: WITNESS.publicKey.bytes };

const isTold = (what: string) => (message: Record<string, unknown>) => message["what"] === what;
const dataOf = (message: Record<string, unknown> | undefined) => message?.["data"] as Record<string, unknown>;

/** A link to nobody; `publish` says what becomes of each message, and may throw. */
function scripted(publish: (topic: string, onTaken: () => void) => void): OpenLink {
  return async (): Promise<Link> => {
    let end: (error: AgentError) => void = () => {};
    const ended = new Promise<AgentError>((resolve) => {
      end = resolve;
    });
    return {
      maxPayloadBytes: 1e6,
      ended,
      deliverTo: () => {},
      publish: async ({ topic, onTaken }) => {
        publish(topic, onTaken ?? (() => {}));
        return true;
      },
      close: async () => end(new AgentError("link-closed", "test")),
    };
  };
}

test("a platform is told each change once, over an outage and a restart, and checks it all by itself", async (t) => {
  const { made, dataDir, clock, receive, sharing, until } = office(t);
  const platform = await Platform.open(t);
  receive();
  let sharer = sharing(linksTo(platform));
  const isIdle = () => sharer.status().waiting === 0 && sharer.status().stalledMs === null;
  await until("the case is told", () => platform.told().filter(isTold("proof")).length >= 5 && isIdle());

  for (const { topic, qos, retain, payload } of platform.taken) {
    const message = JSON.parse(payload.toString()) as { what: string; key: string };
    const fits = sharedSchemaOf(message.what);
    assert.ok(fits(message), `${topic}: ${JSON.stringify(fits.errors)}`);
    assert.deepEqual([topic, qos, retain], [`cg/330106/v1/${message.key}`, 1, false]);
  }
  const first = platform.told();
  assert.deepEqual(
    ["activity", "document", "recording"].map((what) => first.filter(isTold(what)).length),
    [1, 1, 1],
  );
  const recording = dataOf(first.find(isTold("recording")));
  assert.deepEqual([recording["rec"], recording["duration_ms"], recording["chunks"]], [REC, 1000, 2]);
  for (const { data } of first.filter(isTold("proof")) as { data?: Record<string, string> }[]) {
    const { entry = "", proof = "" } = data ?? {};
    assert.equal(typeof provenBody(Buffer.from(entry), proof, device, witness), "object");
    assert.equal(provenBody(Buffer.from(`${entry} `), proof, device, witness), "root");
    assert.equal(
      provenBody(Buffer.from(entry), proof, device, { ...witness, key: STRANGER.publicKey.bytes }),
      "witness",
    );
  }

  // the platform is away while the activity is closed, and so is the receiver for a while
  await platform.go();
  await until("the link is lost", () => !sharer.status().linked);
  made.maker.add({ type: "activity.close", activity: ACTIVITY, outcome: "done" });
  assert.equal(sharer.status().waiting, 0);
  receive();
  assert.equal(sharer.status().waiting, 1);
  clock.advance(600_000);
  assert.deepEqual(
    shareStatus(sharer, clock.utcMs()).alarms.map(({ code }) => code),
    ["share-behind"],
  );
  await sharer.stop();
  await platform.come();
  platform.taken.length = 0;
  sharer = sharing(linksTo(platform));
  await until("the close is told", () => platform.told().some(isTold("proof")) && isIdle());
  const after = platform.told();
  assert.deepEqual(
    after.filter((message) => !isTold("proof")(message)).map(({ what }) => what),
    ["activity"],
  );
  assert.deepEqual(dataOf(after[0])["state"], "closed");
  assert.ok(Number(after[0]?.["version"]) > Number(first.find(isTold("activity"))?.["version"]));
  assert.deepEqual(shareStatus(sharer, clock.utcMs()).alarms, []);

  // told anew from its beginning: the same key and version are the same message
  await sharer.stop();
  rmSync(join(dataDir, "share", `${DEV}.json`));
  platform.taken.length = 0;
  sharer = sharing(linksTo(platform));
  await until("all is told again", () => platform.told().some(isTold("document")) && isIdle());
  const identity = ({ key, version }: Record<string, unknown>) => `${key} ${version}`;
  const before = new Map([...first, ...after].map((message) => [identity(message), message]));
  const again = platform.told().filter((message) => before.has(identity(message)));
  assert.ok(again.length >= 4);
  for (const message of again) assert.deepEqual(message, before.get(identity(message)));
});

test("what no witness cosigned is not told, and what is not acknowledged is told again", async (t) => {
  const { dataDir, receive, sharing, until, made } = office(t);
  const published: string[] = [];
  let acknowledges = false;
  const open = scripted((topic, onTaken) => {
    published.push(topic);
    if (acknowledges) onTaken();
  });
  receive(false);
  const sharer = sharing(open);
  await until("rounds were made", () => sharer.status().linked);
  for (let round = 0; round < 20; round++) await until("time passes", () => true);
  assert.deepEqual(published, []);

  made.maker.add({ type: "activity.note", activity: ACTIVITY, text: "x" });
  receive();
  await until("it is published", () => published.length > 0);
  const [topic = ""] = published;
  await until(
    "nobody acknowledges, and it is published anew",
    () => published.filter((it) => it === topic).length > 1,
  );
  assert.throws(() => readFileSync(join(dataDir, "share", `${DEV}.json`)), { code: "ENOENT" });
  acknowledges = true;
  await until("it is acknowledged", () => sharer.status().waiting === 0 && sharer.status().published > 0);
  assert.equal(JSON.parse(readFileSync(join(dataDir, "share", `${DEV}.json`), "utf8")).size, made.maker.size);
});

test("a message that the platform's broker does not take is counted, and nothing behind it is skipped", async (t) => {
  const { dataDir, receive, sharing, until } = office(t);
  receive();
  const sharer = sharing(
    scripted((topic) => {
      throw new AgentError("payload-too-large", topic);
    }),
  );
  await until("it is counted", () => (sharer.status().counters["payload-too-large"] ?? 0) > 1);
  assert.deepEqual([sharer.status().waiting, sharer.status().published], [1, 0]);
  assert.throws(() => readFileSync(join(dataDir, "share", `${DEV}.json`)), { code: "ENOENT" });
});

test("a damaged cursor is told by code, and is no reason to forget or to guess", async (t) => {
  const { dataDir, receive, sharing, until } = office(t);
  const platform = await Platform.open(t);
  receive();
  let sharer = sharing(linksTo(platform));
  await until("it is told", () => sharer.status().published > 0 && sharer.status().waiting === 0);
  await sharer.stop();
  writeFileSync(join(dataDir, "share", `${DEV}.json`), '{"v":1,"size":-1}');
  sharer = sharing(linksTo(platform));
  await until("it is counted", () => (sharer.status().counters["share-cursor-damaged"] ?? 0) > 0);
  assert.equal(sharer.status().published, 0);
});

test("the page names every topic of asyncapi-share.yaml, and each address has its parameters", () => {
  const page = readFileSync("docs/sharing.md", "utf8");
  for (const { address, parameters } of Object.values(SHARE_API.channels)) {
    const named = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    assert.deepEqual(Object.keys(parameters).sort(), named.sort(), address);
    assert.ok(page.includes(`\`${address}\``), address);
  }
  const wrong = sharedSchemaOf("activity");
  assert.equal(wrong({ v: 1, what: "document" }), false);
});
