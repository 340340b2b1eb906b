import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { AgentProcess, interpreter } from "../../../scripts/demo/agent-process.ts";
import { packArchive } from "../../../scripts/package/archive.ts";
import { assemble } from "../../../scripts/package/assemble.ts";
import { lockOf } from "../../../scripts/package/native/native-packages.ts";
import { ownTarget } from "../../../scripts/package/target.ts";
import { recorderConfig } from "../../support/recorder-config.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

const run = promisify(execFile);

interface Bom {
  bomFormat: string;
  specVersion: string;
  serialNumber?: string;
  metadata: { timestamp?: string; component: { name: string; version: string; "bom-ref": string } };
  components: { "bom-ref": string; name: string; version: string; licenses?: unknown[] }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

const MAINS = ["dock.cjs", "fulltrace.cjs", "receiver.cjs", "recorder.cjs", "warm.cjs"];

describe("the package of this machine", () => {
  const work = mkdtempSync(join(tmpdir(), "fulltrace-package-test-"));
  const archives = ["first", "second"].map((name) => join(work, `${name}.tar.zst`));
  const installed = join(work, "fulltrace");
  const programs = join(installed, "programs");
  const text = (...path: string[]) => readFileSync(join(installed, ...path), "utf8");
  after(() => rmSync(work, { recursive: true }));

  before(async () => {
    for (const archive of archives) {
      const folder = mkdtempSync(join(work, "made-"));
      await assemble(REPOSITORY, join(folder, "fulltrace"), ownTarget());
      await packArchive(join(folder, "fulltrace"), archive, "fulltrace");
    }
    execFileSync("tar", ["--zstd", "-xf", `${archives[0]}`, "-C", work]);
  });

  it("has the same bytes each time", () => {
    const digests = archives.map((file) => createHash("sha256").update(readFileSync(file)).digest("hex"));
    assert.equal(digests[0], digests[1]);
  });

  it("is root's, dated alike, and has no cache of code in it", async () => {
    const { stdout } = await run("tar", [
      "--zstd",
      "--full-time",
      "--numeric-owner",
      "-tvf",
      `${archives[0]}`,
    ]);
    const lines = stdout.trimEnd().split("\n");
    for (const line of lines) {
      assert.match(line, /^[d-][rwx]{2}[x-]r-[x-]r-[x-] 0\/0 +\d+ 2026-01-01 /, line);
      assert.doesNotMatch(line, /programs\/cache/);
    }
    assert.ok(lines.length > 50, "it holds more than its folder");
  });

  it("has no source, no test and no empty folder", () => {
    const entries = readdirSync(installed, { recursive: true, withFileTypes: true });
    const sources = entries.filter(({ name }) => /\.(?:ts|map|cc|c|h|gyp)$/.test(name));
    assert.deepEqual(sources, []);
    const empty = entries.filter(
      (entry) => entry.isDirectory() && readdirSync(join(entry.parentPath, entry.name)).length === 0,
    );
    assert.deepEqual(empty, []);
  });

  it("has one file for each role, the command, and every thread and process, each with its starter", () => {
    const code = readdirSync(join(programs, "code"));
    for (const main of MAINS) accessSync(join(programs, main), constants.X_OK);
    assert.deepEqual(
      code.sort(),
      readdirSync(programs)
        .filter((name) => name.endsWith(".cjs") && !["start.cjs", "warm.cjs"].includes(name))
        .sort(),
    );
    const workers = readdirSync(REPOSITORY, { recursive: true, encoding: "utf8" })
      .filter((path) => /^(?:agent|capture|crypto|drivers|sync)\/.*-(?:thread|process)\.ts$/.test(path))
      .map((path) => basename(path).replace(/\.ts$/, ".cjs"));
    assert.ok(workers.length > 2);
    for (const worker of workers) assert.ok(code.includes(worker), worker);
  });

  it("holds of other roles nothing in a role's file", () => {
    const own = { recorder: "runRecorder", dock: "runDock", receiver: "runReceiver" };
    for (const role of Object.keys(own)) {
      const code = text("programs", "code", `${role}.cjs`);
      const held = Object.entries(own).filter(([, name]) => new RegExp(`function ${name}\\(`).test(code));
      assert.deepEqual(
        held.map(([name]) => name),
        [role],
      );
    }
  });

  describe("its bill of materials", () => {
    const bom = () => JSON.parse(text("sbom.cdx.json")) as Bom;

    it("is CycloneDX, without a time or a random number", () => {
      const { bomFormat, specVersion, metadata, ...rest } = bom();
      assert.deepEqual([bomFormat, specVersion], ["CycloneDX", "1.5"]);
      assert.equal(metadata.component.name, "fulltrace");
      assert.ok(!("serialNumber" in rest) && !("timestamp" in metadata));
    });

    it("names every package that lies in it, in the version that is locked", () => {
      const lock = lockOf(REPOSITORY);
      const named = new Set(bom().components.map(({ "bom-ref": ref }) => ref));
      const manifests = readdirSync(join(installed, "node_modules"), { recursive: true, encoding: "utf8" })
        .filter((path) => /^(?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path))
        .map((path) => JSON.parse(text("node_modules", path)) as { name?: string; version: string })
        .filter(({ name }) => name !== undefined);
      assert.ok(manifests.length > 5);
      for (const { name, version } of manifests) assert.ok(named.has(`${name}@${version}`), name);
      // and of those that went into the bundles
      for (const name of ["mqtt", "mqtt-packet", "tweetnacl", "commander", "pino", "smol-toml", "valibot"]) {
        assert.ok(named.has(`${name}@${lock[`node_modules/${name}`]?.version}`), name);
      }
    });

    it("names nothing that only development needs, and what is compiled into the modules", () => {
      const names = bom().components.map(({ name }) => name);
      for (const name of ["typescript", "esbuild", "knip", "fast-check"])
        assert.ok(!names.includes(name), name);
      for (const name of ["sqlite", "libusb"]) assert.ok(names.includes(name), name);
    });

    it("has each part once, with a licence, and refers to none that is not there", () => {
      const { components, dependencies, metadata } = bom();
      const refs = components.map(({ "bom-ref": ref }) => ref);
      assert.equal(new Set(refs).size, refs.length);
      const known = new Set([...refs, metadata.component["bom-ref"]]);
      for (const { ref, dependsOn } of dependencies) {
        for (const part of [ref, ...dependsOn]) assert.ok(known.has(part), part);
      }
      for (const { name, licenses } of components) assert.ok((licenses ?? []).length > 0, name);
    });

    it("goes with a licence text for each part", () => {
      const licences = text("licences.txt");
      for (const { name, version } of bom().components) {
        const heading =
          { sqlite: "SQLite, inside", libusb: "libusb, inside" }[name] ?? `${name}@${version}\n`;
        assert.ok(licences.includes(heading), heading);
      }
    });
  });

  describe("installed", () => {
    before(() => {
      execFileSync(join(programs, "warm.cjs"));
    });

    it("has a code cache of every program, which V8 takes under the flags that programs run with", async () => {
      const check = `
        const { compile, filesOf } = require("./start.cjs");
        for (const name of require("node:fs").readdirSync(process.argv[1] + "/code"))
          console.log(name, compile(filesOf(process.argv[1], name)).cachedDataRejected);`;
      const asPrograms = [...interpreter(join(programs, "recorder.cjs")), "-e", check, programs];
      const { stdout } = await run("env", asPrograms, { cwd: programs });
      const lines = stdout.trimEnd().split("\n");
      assert.equal(lines.length, readdirSync(join(programs, "code")).length);
      for (const line of lines) assert.match(line, / false$/);
      // under other flags it would not
      const { stdout: otherwise } = await run(process.execPath, ["-e", check, programs], { cwd: programs });
      assert.match(otherwise, / true$/m);
    });

    it("answers its version as the command does", async () => {
      const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
      const { stdout } = await run(join(programs, "fulltrace.cjs"), ["--version"]);
      assert.match(stdout, new RegExp(version));
    });

    it("runs a recorder that starts, answers the command and ends in order", async (t) => {
      const dataDir = join(temporaryDirectory(t), "data");
      const log = join(temporaryDirectory(t), "log");
      const service = new AgentProcess(recorderConfig(t, dataDir), dataDir, log, [
        join(programs, "recorder.cjs"),
      ]);
      t.after(() => service.abandon());
      await service.start();
      const { stdout } = await run(join(programs, "fulltrace.cjs"), ["status", "--json", "--data", dataDir]);
      assert.equal(JSON.parse(stdout).role, "recorder");
      await service.stop();
      const reader = LedgerReader.open(dataDir);
      t.after(() => reader.close());
      assert.equal(reader.body(reader.size() - 1).type, "ledger.close");
    });

    for (const role of ["dock", "receiver"]) {
      it(`refuses a recorder's configuration as a ${role}, and says which service takes it`, async (t) => {
        const config = recorderConfig(t, join(temporaryDirectory(t), "data"));
        const refused = await run(join(programs, `${role}.cjs`), ["--config", config]).catch(
          (error) => error,
        );
        assert.equal(refused.code, 2);
        assert.match(refused.stderr, /wrong-service: .* is for fulltrace-recorder, not fulltrace-/);
        assert.ok(!existsSync(join(config, "..", "data")));
      });
    }

    it("refuses to start a service without a configuration", async () => {
      const refused = await run(join(programs, "recorder.cjs"), []).catch((error) => error);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /--config/);
    });
  });
});
