import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { arch, platform, release, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Config } from "../../../config/schema.ts";
import { hasLedger } from "../../../crypto/ledger/db/ledger-place.ts";
import { visitLedger } from "../../../crypto/ledger/visit.ts";
import type { AgentStatus } from "../../control/protocol.ts";
import { AGENT_VERSION } from "../../version.ts";
import type { Examined } from "../examine.ts";
import { redact } from "./redact.ts";

const run = promisify(execFile);

export interface BundleParts {
  found: readonly Examined[];
  config: Config | null;
  live: AgentStatus | null;
}

/**
 * Packs what a helper far away needs into a gzipped tar file: what the checks found, versions, the shape of
 * the configuration, counts of ledger and status. No footage, no keys, no positions, no names, no texts: only
 * what `redact` lets through. Answers its size in bytes. Throws `file-exists`, `bundle-failed`.
 */
export async function packBundle(file: string, parts: BundleParts): Promise<number> {
  const path = resolve(file);
  if (existsSync(path)) throw new AgentError("file-exists", path);
  const folder = mkdtempSync(join(tmpdir(), "fulltrace-bundle-"));
  try {
    for (const [name, content] of Object.entries(await contentOf(parts)))
      writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(content, null, 2)}\n`);
    await run("tar", ["-czf", path, "--owner=0", "--group=0", "-C", folder, "."]).catch((cause) => {
      throw new AgentError("bundle-failed", path, { cause });
    });
    return statSync(path).size;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function contentOf({ found, config, live }: BundleParts): Promise<Record<string, unknown>> {
  return {
    checks: found.map(({ check, finding }) => ({
      id: check.id,
      status: finding.status,
      saw: finding.seen.en,
      values: redact(finding.values ?? {}),
    })),
    config: redact(config),
    status: redact(live),
    ledger: await ledgerCounts(config),
    versions: {
      agent: AGENT_VERSION,
      node: process.versions,
      system: { platform: platform(), release: release(), arch: arch(), memory_bytes: totalmem() },
    },
  };
}

async function ledgerCounts(config: Config | null): Promise<unknown> {
  if (config === null) return null;
  try {
    if (!hasLedger(config.dataDir)) return null;
    return await visitLedger(config.dataDir, (reader) => ({
      entries: reader.size(),
      media: reader.media.totals(),
      open_recordings: reader.recordings.open().length,
      boots: reader.epochs().length,
      newest_checkpoint: reader.newestCheckpoint()?.size ?? null,
      newest_cosigned: reader.newestCosigned()?.size ?? null,
    }));
  } catch (error) {
    return { code: errorCode(error) };
  }
}
