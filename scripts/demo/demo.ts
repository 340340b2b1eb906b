import { mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { pairs } from "../../agent/cli/face/table.ts";
import { bytesText, durationText } from "../../agent/cli/face/units.ts";
import { type Phrase, speaker, type Values } from "../../agent/cli/text/phrase.ts";
import { systemClock } from "../../config/base/clock.ts";
import { AgentError } from "../../config/base/errors.ts";
import { layOut } from "./layout.ts";
import { type DemoOptions, parseDemoOptions } from "./options.ts";
import { type DemoResult, playOut } from "./play.ts";
import { words } from "./words.ts";

/** The main job, end to end, on one machine: see `docs/architecture.md`. Exit code 1 if anything is amiss. */
async function demo(options: DemoOptions): Promise<boolean> {
  const say = speaker(options.lang);
  const startUs = systemClock.monoUs();
  const tell = (phrase: Phrase, values?: Values) => {
    const seconds = ((systemClock.monoUs() - startUs) / 1e6).toFixed(1).padStart(5);
    if (!options.json) process.stdout.write(`${seconds} s  ${say(phrase, values)}\n`);
  };
  const root = resolve(options.data ?? join("demo-data", new Date().toISOString().replace(/[:.]/g, "-")));
  mkdirSync(root, { recursive: true });
  tell(words.begin);
  tell(words.camera, { source: options.source });
  const layout = await layOut(root, options.source, options.lang);
  const result = await playOut(layout, options.seconds, { tell, say });
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else process.stdout.write(`\n${report(result, say).join("\n")}\n`);
  return result.ok;
}

function report(result: DemoResult, say: (phrase: Phrase, values?: Values) => string): string[] {
  const here = (path: string) => relative(process.cwd(), path) || ".";
  const { paths } = result;
  return [
    ...pairs([
      [say(words.recording), durationText(result.recording_ms)],
      [say(words.chunks), String(result.chunks)],
      [say(words.bytes), bytesText(result.bytes)],
      [say(words.entries), String(result.entries)],
      [say(words.backlog), bytesText(result.backlog_bytes)],
      [say(words.resent), bytesText(result.resent_bytes)],
      [say(words.connections), String(result.connections)],
      [say(words.verdictRecorder), result.verdicts.recorder],
      [say(words.verdictReceiver), result.verdicts.receiver],
    ]),
    "",
    say(words.where),
    ...pairs([
      [`  ${say(words.recorderData)}`, here(paths.recorder)],
      [`  ${say(words.receiverData)}`, here(paths.receiver)],
      [`  ${say(words.trustFile)}`, here(paths.trust)],
      [`  ${say(words.video)}`, here(paths.video)],
    ]),
    "",
    say(words.play, { file: here(paths.video) }),
    say(words.check, { dir: here(paths.receiver), trust: here(paths.trust) }),
    "",
    ...(result.ok
      ? [say(words.fine)]
      : [say(words.wrong), ...result.problems.map((problem) => `  ${problem}`)]),
  ];
}

try {
  const options = parseDemoOptions(process.argv.slice(2), process.env);
  process.exitCode = (await demo(options)) ? 0 : 1;
} catch (error) {
  const { message, next } = error instanceof AgentError ? error : new AgentError("unexpected", String(error));
  process.stderr.write(`demo: ${message}\n${next === undefined ? "" : `  ${next}\n`}`);
  process.exitCode = error instanceof AgentError && error.code === "bad-argument" ? 2 : 1;
}
