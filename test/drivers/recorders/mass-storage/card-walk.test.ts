import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { walkCard } from "../../../../drivers/recorders/mass-storage/card-walk.ts";
import { openMassStorage } from "../../../../drivers/recorders/mass-storage/mass-storage.ts";
import type { CardMounter, Volume } from "../../../../drivers/recorders/mass-storage/mount/card.ts";
import { FolderMounter } from "../../../../drivers/recorders/mass-storage/mount/folder-mounter.ts";
import { MAX_DEPTH, MAX_FILE_BYTES } from "../../../../drivers/recorders/recorder-driver.ts";
import { content, fileAt, going, listing } from "../../../contract/recorder/calls.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";

const DEVICE = { port: "1-1", serial: "42" };

async function open(mounter: CardMounter, utcOffsetMin?: number) {
  const zone = utcOffsetMin === undefined ? {} : { utcOffsetMin };
  return openMassStorage({ mounter, device: DEVICE, mayRemove: true, ...zone }, going());
}

async function cardWith(t: TestContext, fill: (root: string) => void, times: Volume["times"] = "utc") {
  const root = temporaryDirectory(t);
  fill(root);
  return { root, driver: await open(new FolderMounter(root, times)) };
}

/** `skipped` reasons by path. */
async function skippedOn(driver: Awaited<ReturnType<typeof open>>): Promise<Record<string, string>> {
  const listed = await listing(driver);
  return Object.fromEntries(
    listed.flatMap((one) => (one.kind === "skipped" ? [[one.path, one.reason]] : [])),
  );
}

describe("a listing of a hostile card", () => {
  test("tells links, pipes, holes and depths, and follows none", async (t) => {
    const { driver } = await cardWith(t, (root) => {
      writeFileSync(join(root, "-rf"), "x");
      symlinkSync("/etc", join(root, "folder-link"));
      symlinkSync("/etc/passwd", join(root, "file-link"));
      symlinkSync(".", join(root, "circle"));
      execFileSync("mkfifo", [join(root, "pipe")]);
      writeFileSync(join(root, "holes"), "");
      truncateSync(join(root, "holes"), MAX_FILE_BYTES / 2);
      mkdirSync(join(root, ...Array.from({ length: MAX_DEPTH + 3 }, () => "d")), { recursive: true });
    });
    assert.deepEqual(await skippedOn(driver), {
      "folder-link": "symlink",
      "file-link": "symlink",
      circle: "symlink",
      pipe: "special-file",
      holes: "unreadable",
      [Array.from({ length: MAX_DEPTH + 1 }, () => "d").join("/")]: "too-deep",
    });
    const files = (await listing(driver)).flatMap((one) => (one.kind === "file" ? [one.file.path] : []));
    assert.deepEqual(files, ["-rf"]);
  });

  test("has every name as bytes in its handle, and one that can be read as its claim", async (t) => {
    const names: [Buffer, string][] = [
      [Buffer.from("说明.txt"), "说明.txt"],
      [Buffer.from([0xc4, 0xe3, 0xba, 0xc3]), "你好"],
      [Buffer.from([0x61, 0xff, 0x62]), "a%FFb"],
      [Buffer.from("line\nfeed"), "line%0Afeed"],
    ];
    const { driver, root } = await cardWith(t, (folder) => {
      for (const [name, claim] of names)
        writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), claim);
    });
    for (const [name, claim] of names) {
      const file = await fileAt(driver, claim);
      assert.equal(file.handle, `0:${name.toString("hex")}`);
      assert.equal((await content(driver, file, 0, file.bytes)).toString(), claim);
      const source = driver.sourceOf(file);
      const isText = Buffer.from(name.toString()).equals(name);
      assert.deepEqual(source, isText ? { kind: "path", path: `${root}/${name}` } : null);
      await driver.remove(file, going());
    }
    assert.deepEqual(await listing(driver), []);
  });

  test("ends at files that are more than the card", async (t) => {
    // four files of nothing but holes, each as large as the file system
    const { driver } = await cardWith(t, (root) => {
      const bytes = capacity(root);
      for (let i = 0; i < 5; i++) {
        writeFileSync(join(root, `${i}`), "");
        truncateSync(join(root, `${i}`), bytes);
      }
    });
    await assert.rejects(listing(driver), { code: "recorder-listing" });
  });

  test("ends where there is no end of names", async (t) => {
    const { root, driver } = await cardWith(t, () => {});
    execFileSync("sh", ["-c", "mkdir d && seq 1 1000 | xargs touch && cd d && seq 1 1000 | xargs touch"], {
      cwd: root,
    });
    const { card } = driver;
    assert.equal(await countOf(walkCard({ card, utcOffsetMin: 0, maxListed: 2001 }, going())), 2000);
    const longer = walkCard({ card, utcOffsetMin: 0, maxListed: 2000 }, going());
    await assert.rejects(countOf(longer), { code: "recorder-listing" });
    assert.equal(await countOf(driver.list(going())), 2000);
  });

  test("of two volumes gives each a folder, and names the partition that nobody can read", async (t) => {
    const roots = [temporaryDirectory(t), temporaryDirectory(t)];
    for (const root of roots) writeFileSync(join(root, "a.mp4"), root);
    const mounter: CardMounter = {
      mount: async () => ({
        volumes: roots.map((root) => ({ root, fileSystem: "vfat", times: "utc", volumeId: "1234abcd" })),
        unreadable: ["sda3"],
        isThere: () => true,
        withWriting: (work) => work(),
        close: async () => {},
      }),
    };
    const driver = await open(mounter);
    assert.deepEqual(await skippedOn(driver), { sda3: "unreadable" });
    for (const [index, root] of roots.entries()) {
      const file = await fileAt(driver, `${index + 1}/a.mp4`);
      assert.equal((await content(driver, file, 0, file.bytes)).toString(), root);
    }
  });
});

describe("a file that is read", () => {
  test("and is longer at the end than it was listed is another one", async (t) => {
    const { root, driver } = await cardWith(t, (folder) =>
      writeFileSync(join(folder, "a"), Buffer.alloc(600_000)),
    );
    const file = await fileAt(driver, "a");
    const reading = async () => {
      for await (const _ of driver.read(file, 0, file.bytes, going()))
        appendFileSync(join(root, "a"), "more");
    };
    await assert.rejects(reading(), { code: "file-gone" });
  });

  test("and ends early is a wrong answer", async (t) => {
    const { root, driver } = await cardWith(t, (folder) =>
      writeFileSync(join(folder, "a"), Buffer.alloc(600_000)),
    );
    const file = await fileAt(driver, "a");
    const reading = async () => {
      for await (const _ of driver.read(file, 0, file.bytes, going())) truncateSync(join(root, "a"), 10);
    };
    await assert.rejects(reading(), { code: "recorder-answer" });
  });

  test("is none when it became a pipe or a link, and nothing waits for it", async (t) => {
    const { root, driver } = await cardWith(t, (folder) => writeFileSync(join(folder, "a"), "text"));
    const file = await fileAt(driver, "a");
    for (const replace of ["mkfifo a", "ln -s /etc/hostname a"]) {
      execFileSync("sh", ["-c", `rm a; ${replace}`], { cwd: root });
      await assert.rejects(content(driver, file, 0, 4), { code: "file-gone" });
      await assert.rejects(driver.remove(file, going()), { code: "file-gone" });
    }
  });

  test("is never outside of the card, whatever its handle says", async (t) => {
    const { driver } = await cardWith(t, (folder) => writeFileSync(join(folder, "a"), "text"));
    const file = await fileAt(driver, "a");
    for (const path of ["../a", "..", ".", "a/../a", "a\0b", "/a", ""]) {
      const handle = `0:${Buffer.from(path).toString("hex")}`;
      await assert.rejects(content(driver, { ...file, handle }, 0, 4), { code: "file-gone" }, path);
      await assert.rejects(driver.remove({ ...file, handle }, going()), { code: "file-gone" }, path);
    }
    assert.equal((await content(driver, file, 0, 4)).toString(), "text");
  });
});

test("FAT's times are read in the recorder's zone", async (t) => {
  const shownMs = Date.UTC(2026, 10, 23, 17, 30, 20);
  const fill = (root: string) => {
    writeFileSync(join(root, "a"), "");
    utimesSync(join(root, "a"), shownMs / 1000, shownMs / 1000);
  };
  const { root, driver } = await cardWith(t, fill, "local");
  assert.equal((await fileAt(driver, "a")).modifiedMs, shownMs - 480 * 60_000);
  const elsewhere = await open(new FolderMounter(root, "local"), -90);
  assert.equal((await fileAt(elsewhere, "a")).modifiedMs, shownMs + 90 * 60_000);
  const exact = await open(new FolderMounter(root, "utc"), -90);
  assert.equal((await fileAt(exact, "a")).modifiedMs, shownMs);
});

test("a card that nobody allowed to wipe is not made writable", async (t) => {
  const root = temporaryDirectory(t);
  writeFileSync(join(root, "a"), "text");
  const driver = await openMassStorage(
    { mounter: new FolderMounter(root), device: DEVICE, mayRemove: false },
    going(),
  );
  await assert.rejects(driver.remove(await fileAt(driver, "a"), going()), { code: "unsupported" });
  await assert.rejects(
    driver.withWriting(async () => {}),
    { code: "unsupported" },
  );
});

async function countOf(listing: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of listing) count++;
  return count;
}

/** What the file system of a folder holds in all. */
function capacity(folder: string): number {
  const told = execFileSync("df", ["--block-size=1", "--output=size", folder], { encoding: "utf8" });
  return Number(told.trim().split("\n")[1]);
}
