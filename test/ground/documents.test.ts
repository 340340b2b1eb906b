import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { REPOSITORY } from "../support/repository.ts";

const pages = ["README.md", "CHANGELOG.md", ...pagesBelow("docs")];

describe("the documents", () => {
  for (const page of pages) {
    it(`${page} links only to what is there`, () => assert.deepEqual(brokenLinks(page, read(page)), []));
  }

  it("a broken link would be seen", () => {
    assert.deepEqual(
      brokenLinks(
        "docs/cli.md",
        "[a](nowhere.md) [b](../README.md) [c](../README.md#no-such-part) [d](#nor-here)",
      ),
      ["nowhere.md", "../README.md#no-such-part", "#nor-here"],
    );
  });

  it("every decision record is listed in the architecture", () => {
    const architecture = read("docs/architecture.md");
    for (const record of pagesBelow("docs/adr"))
      assert.ok(architecture.includes(record.replace("docs/", "")), record);
  });
});

function read(page: string): string {
  return readFileSync(join(REPOSITORY, page), "utf8");
}

function pagesBelow(folder: string): string[] {
  const names = readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`)
    .sort();
}

/** The relative links of a page whose file, or whose heading in it, does not exist. */
function brokenLinks(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = "", heading] = link.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      if (!existsSync(join(REPOSITORY, file))) return true;
      return heading !== undefined && !headings(read(file)).includes(heading);
    });
}

/** Anchors as GitHub makes them. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
