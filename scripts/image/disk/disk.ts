import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { run } from "../../package/run.ts";
import type { Board } from "../boards/board.ts";

/** Puts the file systems that lie in `folder` together as the image `out`. */
export async function makeDisk(board: Board, plan: string, folder: string, out: string): Promise<void> {
  const config = join(folder, "disk.cfg");
  const filled = readFileSync(plan, "utf8")
    .replaceAll("@IMAGE@", basename(out))
    .replaceAll("@SLOT@", `${board.slot_mib}`);
  writeFileSync(config, filled);
  writeFileSync(join(folder, "zeros"), Buffer.alloc(512 * 1024));
  const places = { rootpath: join(folder, "empty"), tmppath: join(folder, "genimage") };
  mkdirSync(places.rootpath);
  await run("genimage", [
    ...["--config", config, "--inputpath", folder, "--outputpath", dirname(out)],
    ...Object.entries(places).flatMap(([name, place]) => [`--${name}`, place]),
  ]);
}
