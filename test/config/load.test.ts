import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { AgentError } from "../../config/base/errors.ts";
import { loadConfig, parseConfig } from "../../config/load.ts";
import { temporaryDirectory } from "../support/surroundings.ts";
import { dock, receiver, recorder, withLine } from "./sample-config.ts";

const FILE = "/etc/fulltrace/agent.toml";

/** The refusal of a configuration; fails when it loads. */
function refusal(toml: string): AgentError {
  try {
    parseConfig(toml, FILE);
  } catch (error) {
    assert.ok(error instanceof AgentError, String(error));
    return error;
  }
  assert.fail("the configuration was accepted");
}

describe("a configuration that loads", () => {
  test("gets the defaults of its role", () => {
    const config = parseConfig(recorder, FILE);
    assert.ok(config.role === "recorder");
    assert.equal(config.recording.chunkMs, 2000);
    assert.equal(config.recording.preEventMs, 30_000);
    assert.equal(config.recording.maxMs, 4 * 3_600_000);
    assert.equal(config.ledger.checkpointMs, 10_000);
    assert.equal(config.disk.keepDays, 30);
    assert.equal(config.audio.mutable, true);
    assert.equal(config.logLevel, "info");
    assert.equal("sync" in config, false);
  });

  test("resolves paths from the folder of the file", () => {
    assert.equal(parseConfig(recorder, FILE).dataDir, "/etc/fulltrace/data");
    assert.equal(parseConfig(withLine(recorder, '"data"', '"/srv/x"'), FILE).dataDir, "/srv/x");
    assert.equal(parseConfig(withLine(recorder, '"data"', '"../x"'), FILE).dataDir, "/etc/x");
  });

  test("is discriminated by role", () => {
    assert.equal(parseConfig(dock, FILE).role, "dock");
    const config = parseConfig(receiver, FILE);
    assert.ok(config.role === "receiver");
    assert.equal(config.receiver.name, "district.example");
    assert.deepEqual(config.receiver.devices, []);
    assert.equal(config.sync.shard, "main");
  });

  test("takes every kind of camera", () => {
    const cameras: [string, string][] = [
      ["v4l2", 'source = "v4l2"\ndevice = "/dev/video2"\nformat = "mjpeg"\nsize = "1920x1080"\nrate = 30'],
      ["rtsp", 'source = "rtsp"\nurl = "rtsp://192.0.2.1:554/a"\nusername = "u"\npassword_file = "p"'],
      ["file", 'source = "file"\npath = "clip.mp4"'],
      ["testsrc", 'source = "testsrc"\nkeyframe_ms = 10000'],
    ];
    for (const [source, lines] of cameras) {
      const config = parseConfig(withLine(recorder, 'source = "testsrc"', lines), FILE);
      assert.ok(config.role === "recorder");
      assert.equal(config.camera.source, source);
    }
  });
});

describe("a refusal names file, key, what was found and what is allowed", () => {
  const cases: [why: string, toml: string, place: string][] = [
    [
      "a number out of bounds",
      `${recorder}[recording]\nchunk_ms = 20`,
      "recording.chunk_ms: found 20; allowed: a whole number from 500 to 10000",
    ],
    [
      "a fraction",
      `${recorder}[recording]\nchunk_ms = 2000.5`,
      "recording.chunk_ms: found 2000.5; allowed: a whole number from 500 to 10000",
    ],
    [
      "a text for a number",
      `${recorder}[disk]\nkeep_days = "30"`,
      'disk.keep_days: found "30"; allowed: a whole number from 0 to 36500',
    ],
    [
      "a word for a switch",
      `${recorder}[audio]\nmutable = "yes"`,
      'audio.mutable: found "yes"; allowed: true or false',
    ],
    [
      "a choice that is not offered",
      withLine(recorder, 'source = "testsrc"', 'source = "webcam"'),
      'camera.source: found "webcam"; allowed: "v4l2" or "rtsp" or "file" or "testsrc"',
    ],
    [
      "a misspelled key",
      `${recorder}[recording]\nchnk_ms = 2000`,
      "recording.chnk_ms: unknown key; did you mean chunk_ms?",
    ],
    ["a misspelled table", `${recorder}[recroding]`, "recroding: unknown key; did you mean recording?"],
    [
      "a key of another source",
      withLine(recorder, 'source = "testsrc"', 'source = "file"\npath = "a"\nurl = "x"'),
      "camera.url: unknown key; allowed: source, path",
    ],
    ["a missing key", withLine(recorder, 'data_dir = "data"', ""), "data_dir: missing; allowed: a path"],
    [
      "a missing table",
      withLine(dock, '[device]\nmodel = "DOCK-8"\nserial = "8"', ""),
      "device: missing; allowed: a table",
    ],
    [
      "a value for a table",
      withLine(dock, '[device]\nmodel = "DOCK-8"\nserial = "8"', "device = 3"),
      "device: found 3; allowed: a table",
    ],
    [
      "no role",
      withLine(recorder, 'role = "recorder"', ""),
      'role: missing; allowed: "recorder", "dock" or "receiver"',
    ],
    [
      "an unknown role",
      withLine(recorder, '"recorder"', '"toString"'),
      'role: found "toString"; allowed: "recorder", "dock" or "receiver"',
    ],
    [
      "stopping before purging",
      `${recorder}[disk]\nreserve_bytes = 10\nstop_bytes = 11`,
      "disk.stop_bytes: found 11; allowed: at most reserve_bytes: purging comes before stopping",
    ],
    [
      "a certificate without its key",
      withLine(receiver, 'mqtt://127.0.0.1:1883"', 'mqtts://b"\ncert_file = "c"'),
      'sync.cert_file: found "/etc/fulltrace/c"; allowed: only together with key_file',
    ],
    [
      "TLS files with an address without TLS",
      `${receiver}ca_file = "ca.pem"`,
      'sync.url: found "mqtt://127.0.0.1:1883"; allowed: mqtts://, since ca_file or cert_file is set',
    ],
    [
      "a password without its user",
      `${receiver}password_file = "p"`,
      'sync.password_file: found "/etc/fulltrace/p"; allowed: only together with username',
    ],
    [
      "a broker address of another protocol",
      withLine(receiver, "mqtt://127.0.0.1:1883", "http://b"),
      'sync.url: found "http://b"; allowed: an address mqtt://host or mqtts://host, without user or password',
    ],
    [
      "a device key that is none",
      withLine(receiver, '"district.example"', '"district.example"\ndevices = ["fulltrace/x"]'),
      'receiver.devices.0: found "fulltrace/x"; allowed: a key as `fulltrace key show` prints it: name+id+key',
    ],
    [
      "a port beyond the last",
      `${receiver}[broker]\nlisten = "127.0.0.1:65536"`,
      'broker.listen: found "127.0.0.1:65536"; allowed: host:port, an IPv6 host in brackets',
    ],
  ];
  for (const [why, toml, place] of cases) {
    test(why, () => {
      const error = refusal(toml);
      assert.equal(error.code, "bad-config");
      assert.ok(error.place.split("\n").includes(`${FILE}: ${place}`), error.place);
      assert.ok(error.next);
    });
  }

  test("every fault of a file at once", () => {
    const error = refusal(`${recorder}[recording]\nchunk_ms = 1\nmax_ms = 1\n[disk]\nkeep_days = -1`);
    assert.equal(error.place.split("\n").length, 3);
  });

  test("a file that is no TOML, with line and column", () => {
    const error = refusal('role = "recorder"\ndata_dir = = 3');
    assert.equal(error.code, "config-syntax");
    assert.match(error.place, /^\/etc\/fulltrace\/agent\.toml:2:\d+: /);
  });
});

describe("secrets", () => {
  const inline = `${receiver}username = "u"\npassword = "hunter2"`;

  test("never stand in the file, and the refusal does not repeat them", () => {
    const error = refusal(inline);
    assert.match(error.place, /sync\.password: a secret never stands here.*password_file/);
    assert.doesNotMatch(`${error.message} ${error.place} ${error.next}`, /hunter2/);
  });

  test("are refused in an address, and not repeated", () => {
    const error = refusal(withLine(receiver, "mqtt://127.0.0.1", "mqtt://u:hunter2@127.0.0.1"));
    assert.match(error.place, /sync\.url: found "mqtt:\/\/…@127\.0\.0\.1:1883"/);
    assert.doesNotMatch(error.place, /hunter2/);
  });

  test("are named by path instead", () => {
    const config = parseConfig(withLine(inline, 'password = "hunter2"', 'password_file = "p"'), FILE);
    assert.ok(config.role === "receiver");
    assert.equal(config.sync.passwordFile, "/etc/fulltrace/p");
  });
});

describe("the file itself", () => {
  test("is read, or its absence told", (t) => {
    const folder = temporaryDirectory(t);
    const file = join(folder, "a.toml");
    assert.throws(() => loadConfig(file), { code: "config-missing" });
    writeFileSync(file, dock);
    assert.equal(loadConfig(file).dataDir, join(folder, "data"));
  });
});
