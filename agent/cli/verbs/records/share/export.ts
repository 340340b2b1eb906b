import { join } from "node:path";
import { AgentError } from "../../../../../config/base/errors.ts";
import type { ShareConfig } from "../../../../../config/schema.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import { type Exported, exportActivity } from "../../../../records/sharing/export/export-activity.ts";
import { mappingOf } from "../../../../records/sharing/view/mapping.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { bytesText } from "../../../face/units.ts";
import { shareWords as say } from "../../../text/records/share.ts";
import { activityBeginning } from "../activity/ids.ts";

export interface ExportOptions {
  data?: string;
  config?: string;
  dev?: string;
  json?: boolean;
  withRecordings?: boolean;
}

/** Writes one activity into a new folder that others can check. Only reads the ledger. */
export async function exportShare(
  face: Face,
  start: string,
  directory: string,
  options: ExportOptions,
): Promise<ExitCode> {
  const { dataDir, share } = await sourceOf(face, options);
  const elsewhere: string[] = [];
  const exported = await visitLedger(dataDir, (reader) =>
    exportActivity(activityBeginning(reader, start), directory, {
      reader,
      dataDir,
      mapping: mappingOf(share),
      withRecordings: options.withRecordings === true,
      onFile: (name) => face.progress(face.say(say.writing, { name })),
      onElsewhere: (rec, device) => elsewhere.push(face.say(say.elsewhere, { rec, dev: device })),
    }),
  );
  if (options.json === true) face.printJson(exported);
  else face.print(...lines(face, exported));
  // on stderr, beside JSON too: nobody may take the folder for whole
  face.tell(...elsewhere);
  return 0;
}

/** The ledger's directory, and how a platform wants things named, where a configuration says so. */
async function sourceOf(
  face: Face,
  { data, config, dev }: ExportOptions,
): Promise<{ dataDir: string; share?: ShareConfig | undefined }> {
  if (config === undefined) {
    if (data === undefined)
      throw new AgentError("misuse", "--data DIR or --config FILE", {
        next: "fulltrace share export … --data DIR",
      });
    return { dataDir: ofDevice(data, dev) };
  }
  const { loadConfig } = await import("../../../../../config/load.ts");
  const loaded = loadConfig(config);
  face.speak(loaded.lang);
  if (loaded.role === "receiver" && data === undefined && dev === undefined)
    throw new AgentError("misuse", "--dev DEV", { next: "fulltrace share export … --config FILE --dev DEV" });
  return {
    dataDir: ofDevice(data ?? loaded.dataDir, dev),
    share: "share" in loaded ? loaded.share : undefined,
  };
}

function ofDevice(dataDir: string, dev: string | undefined): string {
  if (dev === undefined) return dataDir;
  if (!/^[0-9a-f]{32}$/.test(dev)) throw new AgentError("misuse", `--dev ${dev}`);
  return join(dataDir, "devices", dev);
}

function lines(
  face: Face,
  { directory, documents, recordings, files, bytes, size, witnesses }: Exported,
): string[] {
  return [
    face.say(say.exported, { directory, files, bytes: bytesText(bytes) }),
    face.say(say.contents, { documents, recordings }),
    face.say(say.proven, { size, witnesses: witnesses.join(", ") }),
    face.say(say.howToCheck),
  ];
}
