import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { REPOSITORY } from "./repository.ts";

/** A throw-away project under this repository's own lint rules: plant files, lint, ask what was caught. */
export class PlantedProject {
  readonly #folder = mkdtempSync(join(tmpdir(), "fulltrace-lint-"));
  #caught = new Map<string, string[]>();

  constructor() {
    for (const name of ["biome.json", ".biome", ".gitignore", "package.json"]) {
      cpSync(join(REPOSITORY, name), join(this.#folder, name), { recursive: true, dereference: true });
    }
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.#folder, "node_modules"));
  }

  plant(path: string, text: string): void {
    const file = join(this.#folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  lint(): void {
    const biome = join(REPOSITORY, "node_modules", "@biomejs", "biome", "bin", "biome");
    const args = [biome, "lint", "--reporter=json", "--max-diagnostics=none", "."];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: this.#folder, maxBuffer: 2 ** 26 });
    if (stdout.length === 0) throw new Error(`Biome gave no report: ${stderr}`);
    const report = JSON.parse(String(stdout)) as {
      diagnostics: { category: string; location: { path: string } }[];
    };
    this.#caught = new Map();
    for (const { category, location } of report.diagnostics) {
      this.#caught.set(location.path, [...this.caught(location.path), category]);
    }
  }

  /** The rules that the last lint saw broken in `path`, once for each time; empty when none was. */
  caught(path: string): readonly string[] {
    return this.#caught.get(path) ?? [];
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
