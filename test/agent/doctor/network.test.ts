import assert from "node:assert/strict";
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createServer } from "node:tls";
import { speaker } from "../../../agent/cli/text/phrase.ts";
import type { AgentStatus } from "../../../agent/control/protocol.ts";
import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { brokerLinks } from "../../../sync/link/broker-link.ts";
import { encodeHave, parseHello } from "../../../sync/wire/messages.ts";
import { downTopic, shardFilters } from "../../../sync/wire/topics.ts";
import { type Certificate, TestAuthority } from "../../support/certificates.ts";
import { type Case, caseOf, liveStatus, recorderCase } from "../../support/doctor/patient.ts";
import { Mosquitto } from "../../support/mosquitto.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

/** Nobody listens there (RFC 1700: port 1, tcpmux). */
const NOBODY = "mqtt://127.0.0.1:1";

test("network: nobody listens, no such name, and a receiver that is not asked", async (t) => {
  const { status } = recorderCase(t, `[sync]\nurl = "${NOBODY}"`);
  for (const id of ["tcp", "mqtt", "receiver"]) assert.equal(await status(id), "fail", id);
  assert.equal(await status("dns"), "ok");
  assert.equal(await status("acl"), "skipped", "nobody asked the broker");
  const unnamed = recorderCase(t, '[sync]\nurl = "mqtt://nowhere.invalid:1883"');
  assert.equal(await unnamed.status("dns"), "fail");
  for (const id of ["tcp", "tls", "receiver"]) assert.equal(await recorderCase(t).status(id), "skipped", id);
});

/** What the technician reads of a check, in both languages. */
async function stepOf({ find }: Case, id: string, sync: NonNullable<AgentStatus["sync"]>) {
  const { status, seen, values, next } = await find(id, { live: liveStatus({ sync }) });
  return { status, seen: speaker("zh")(seen, values), en: next?.en, zh: next?.zh };
}

test("one cause is told once: the session says why there is none, the others point to it", async (t) => {
  const patient = recorderCase(t, `[sync]\nurl = "${NOBODY}"`);
  const away = {
    connected: false,
    backlog_entries: 1,
    backlog_bytes: 0,
    oldest_ms: 0,
    connections: 0,
    sent_bytes: 0,
    resent_bytes: 0,
    policy: { network: "any", media: "all" as const },
  };
  const refused = { ...away, fault: { code: "broker-refused", place: `${NOBODY}: reason 5` } };
  const session = await stepOf(patient, "mqtt", refused);
  assert.match(session.seen, /broker-refused.*reason 5/);
  assert.match(session.en ?? "", /check user, password/);
  assert.match(session.zh ?? "", /检查用户、密码/);
  assert.match(
    (await stepOf(patient, "mqtt", away)).zh ?? "",
    /fulltrace broker test/,
    "it does not know why",
  );
  assert.equal((await stepOf(patient, "acl", refused)).status, "skipped");
  const receiver = await stepOf(patient, "receiver", refused);
  assert.deepEqual([receiver.status, receiver.seen], ["fail", "没有 MQTT 会话"]);
  assert.match(receiver.en ?? "", /mend the way to the broker first/);
  const silent = await stepOf(patient, "receiver", { ...away, connected: true });
  assert.deepEqual([silent.status, silent.zh], ["fail", undefined], "then it is the receiver that is away");
});

test("a receiver that is not linked is a risk", async (t) => {
  const file = join(temporaryDirectory(t), "receiver.toml");
  writeFileSync(
    file,
    `role = "receiver"\ndata_dir = "."\nreceiver = { name = "r" }\nsync = { url = "${NOBODY}" }`,
  );
  const { status } = caseOf(t, file);
  const receiver = { linked: true, queued_bytes: 0, devices: 0, online: 0, heard: [] };
  assert.equal(await status("mqtt", { live: liveStatus({ receiver }) }), "ok");
  assert.equal(
    await status("mqtt", { live: liveStatus({ receiver: { ...receiver, linked: false } }) }),
    "fail",
  );
});

/** A TLS server with this certificate; answers its port. */
async function tlsServer(t: TestContext, { certFile, keyFile }: Certificate): Promise<number> {
  const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
  server.on("tlsClientError", () => {});
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

test("the broker's certificate: one that holds, another name's, one that has ended, another authority's", async (t) => {
  const folder = temporaryDirectory(t);
  const authority = new TestAuthority(folder, "office");
  const look = async (certificate: Certificate, caFile = authority.caFile) => {
    const url = `mqtts://127.0.0.1:${await tlsServer(t, certificate)}`;
    return recorderCase(t, `[sync]\nurl = "${url}"\nca_file = ${JSON.stringify(caFile)}`).seen("tls");
  };
  assert.match(await look(authority.issue("broker", { days: 90 })), /"subject":"broker","issuer":"office"/);
  assert.match(await look(authority.issue("other", { names: "DNS:other.example" })), /tls-failed.*altnames/i);
  assert.match(await look(authority.issue("ended", { days: -1 })), /tls-failed.*expired/);
  const stranger = new TestAuthority(folder, "stranger");
  assert.match(await look(stranger.issue("broker")), /tls-failed/);
});

test("this side's certificate: good, near its end, ended, and of another key", async (t) => {
  const authority = new TestAuthority(temporaryDirectory(t), "office");
  const look = ({ certFile, keyFile }: Certificate) =>
    recorderCase(
      t,
      `[sync]\nurl = "mqtts://127.0.0.1:1"\ncert_file = ${JSON.stringify(certFile)}\nkey_file = ${JSON.stringify(keyFile)}`,
    );
  const good = authority.issue("device", { days: 90 });
  assert.match(await look(good).seen("own-certificate"), /"name":"device"/);
  assert.equal(await look(good).status("own-certificate"), "ok");
  assert.equal(await look(authority.issue("soon")).status("own-certificate"), "warn");
  const ended = authority.issue("ended", { days: -1 });
  assert.equal(await look(ended).status("own-certificate"), "fail");
  assert.equal(await look({ ...good, keyFile: ended.keyFile }).status("own-certificate"), "fail");
  assert.equal(await look({ ...good, certFile: "/no/certificate" }).status("own-certificate"), "fail");
  assert.equal(await recorderCase(t).status("own-certificate"), "skipped");
});

/** A Mosquitto with this access list; names are what clients say they are. */
async function mosquitto(t: TestContext, accessList: string): Promise<Mosquitto> {
  const folder = temporaryDirectory(t);
  // it gives up root for a user of its own
  chmodSync(folder, 0o755);
  const acl = join(folder, "acl");
  copyFileSync(join(REPOSITORY, "config/brokers/mosquitto.acl"), acl);
  if (accessList !== "") writeFileSync(acl, accessList);
  return await Mosquitto.start(t, ["allow_anonymous true", `acl_file ${acl}`]);
}

/** Answers every hello as a receiver does. */
async function playReceiver(t: TestContext, url: string): Promise<void> {
  const link = await brokerLinks({ url, protocol: 4, keepaliveS: 60, username: "receiver" })(
    { clientId: "receiver", subscriptions: shardFilters("main"), maxInboundBytes: 300_000 },
    new AbortController().signal,
  );
  t.after(() => link.close());
  link.deliverTo(async ({ topic, payload }) => {
    if (!topic.endsWith("/up/hello")) return;
    const { nonce } = parseHello(payload);
    const have = encodeHave({
      re: nonce,
      receiver: "district.example/custody",
      size: 0,
      root: Buffer.alloc(32),
      done: new RangeSet(),
      parts: new Map(),
      credit: 0,
    });
    const dev = topic.split("/")[3] as string;
    await link.publish({ topic: downTopic({ shard: "main", dev }, "have"), payload: have });
  });
}

test("a real Mosquitto with the shipped access list lets hello up and its answer down; one with less does not", async (t) => {
  const look = async (accessList: string) => {
    const broker = await mosquitto(t, accessList);
    await playReceiver(t, broker.url);
    const first = recorderCase(t);
    const reader = LedgerReader.open(first.dataDir);
    const { dev } = reader;
    reader.close();
    writeFileSync(
      first.configFile,
      `${readFileSync(first.configFile, "utf8")}\n[sync]\nurl = "${broker.url}"\nusername = "${dev}"\n`,
    );
    const found: Record<string, string> = {};
    for (const id of ["mqtt", "acl", "receiver"])
      found[id] = await first.status(id, { answerMs: accessList === "" ? 5_000 : 300 });
    return found;
  };
  assert.deepEqual(await look(""), { mqtt: "ok", acl: "ok", receiver: "ok" });
  const noAnswers = "user receiver\ntopic readwrite fulltrace/#\npattern write fulltrace/v1/main/%u/up/#\n";
  assert.deepEqual(await look(noAnswers), { mqtt: "ok", acl: "warn", receiver: "fail" });
});
