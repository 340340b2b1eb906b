import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { ControlServer } from "../../../../agent/control/server.ts";
import { activityHandlers } from "../../../../agent/records/activity/activity-handlers.ts";
import { DocumentIntake } from "../../../../agent/records/activity/document-intake.ts";
import { systemClock } from "../../../../config/base/clock.ts";
import { Counters } from "../../../../config/base/counters.ts";
import { createLogger } from "../../../../config/base/logger.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import { type OwnTemplates, TemplateCatalogue } from "../../../../config/template-catalogue.ts";
import { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { Ledger } from "../../../../crypto/ledger/ledger.ts";
import { Blocks } from "../../../../crypto/media/blocks.ts";
import { MediaStore } from "../../../../crypto/media/store.ts";
import { ledgerOptions } from "../../../support/evidence.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace } from "../../cli/command-line.ts";

export const REC = "11111111-2222-4333-8444-555555555555";

/** A real ledger behind a real control socket: what the commands say is what is written. */
export async function office(t: TestContext, own: OwnTemplates = { replaces: [] }) {
  const dataDir = temporaryDirectory(t);
  const writer = await Ledger.open(ledgerOptions(dataDir), systemClock);
  const reader = LedgerReader.open(dataDir);
  const store = new MediaStore(dataDir);
  const intake = new DocumentIntake({
    store,
    blocks: new Blocks(),
    random: systemRandom,
    keepFreeBytes: 0,
    recipients: [],
  });
  const catalogue = () => TemplateCatalogue.open(own);
  const handlers = activityHandlers({
    writer,
    reader,
    intake,
    random: systemRandom,
    media: store,
    catalogue,
  });
  const log = createLogger("silent", "test");
  const server = await ControlServer.listen({ dataDir, handlers, log, counters: new Counters() });
  t.after(async () => {
    await server.close();
    reader.close();
    await writer.close("test");
    await writer.end();
  });
  const run = async (...args: string[]) => await fulltrace(["activity", ...args, "--data", dataDir]);
  const json = async (...args: string[]) => {
    const { stdout, stderr } = await run(...args, "--json");
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout) as Record<string, never>;
  };
  return { dataDir, writer, reader, store, run, json };
}

/** A recording of one second, with sound and picture. */
export async function recordOnce(writer: Ledger): Promise<void> {
  const tracks = [
    { kind: "video", codec: "h264" },
    { kind: "audio", codec: "aac" },
  ];
  const start = { rec: REC, origin: "live", trigger: "button", pre_event_ms: 0, tracks } as const;
  await writer.append({ type: "recording.start", ...start });
  const chunk = { type: "recording.chunk", rec: REC, key: false, longest_us: 0 } as const;
  await writer.appendMedia({ ...chunk, n: 0, from_us: 0, to_us: 0 }, [Buffer.from("init")]);
  await writer.appendMedia({ ...chunk, n: 1, from_us: 0, to_us: 1_000_000 }, [Buffer.from("one second")]);
  await writer.append({ type: "recording.stop", rec: REC, chunks: 2, bytes: 14, reason: "button" });
}
