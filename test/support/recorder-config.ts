import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryDirectory } from "./surroundings.ts";

/** Writes a recorder's configuration into a folder of its own, for a data directory; answers its path. */
export function recorderConfig(
  t: TestContext,
  dataDir: string,
  {
    model = "m",
    serial = "s",
    camera = 'source = "testsrc"',
    more = "",
  }: { model?: string; serial?: string; camera?: string; more?: string } = {},
): string {
  const file = join(temporaryDirectory(t), "recorder.toml");
  writeFileSync(
    file,
    `role = "recorder"
     data_dir = ${JSON.stringify(dataDir)}
     device = { model = ${JSON.stringify(model)}, serial = ${JSON.stringify(serial)} }
     camera = { ${camera} }
     ${more}`,
  );
  return file;
}
