import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { html } from "../../../../agent/cli/verbs/records/report/page/markup.ts";
import { page as pageOf } from "../../../../agent/cli/verbs/records/report/page/page.ts";
import { parsePeriod } from "../../../../agent/records/reports/period.ts";
import { collisions, leastContrast, openBrowser, overhang, show } from "../../../support/reports/browser.ts";
import { officeOfOneWeek, reportOf } from "../../../support/reports/office.ts";
import { MARKUP } from "../../../support/reports/working-week.ts";

const LANGS = ["zh", "en"] as const;
/** Width of an A4 page's text, CSS pixels: 210 mm less its margins. */
const A4_TEXT_PX = (180 / 25.4) * 96;

describe("the page of a report, in a browser", () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(async () => browser.close());

  for (const lang of LANGS) {
    it(`${lang}: is calm, whole and legible on a screen, on a phone and on paper`, async (t) => {
      const { dataDir } = officeOfOneWeek(t);
      const names = { "110042": `'"><img src=x onerror=alert(1)>`, "110051": "一个非常长的姓名".repeat(6) };
      const made = await reportOf(dataDir, { names, period: parsePeriod("2026-11") });
      const { page, complaints } = await show(browser, t, pageOf(made, lang), 1280);
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 });
        assert.ok((await overhang(page)) <= 0, `${width} px`);
        assert.deepEqual(await collisions(page), [], `${width} px`);
      }
      assert.ok((await leastContrast(page)) >= 4.5);
      // names are shown as they are, and are nothing else
      const told = (await page.locator("main").textContent()) ?? "";
      assert.ok(told.includes(MARKUP) && told.includes(names["110042"]));
      assert.equal(await page.locator("script, img, iframe, link, object").count(), 0);
      const unnamed = await page
        .locator("figure svg[role=img]:not([aria-label]), table:not(:has(th))")
        .count();
      assert.equal(unnamed, 0);
      assert.equal(await page.locator("figure svg[role=img]").count(), 4);
      assert.doesNotMatch(told, /\{[a-z_0-9]+\}|undefined|NaN/);

      await page.emulateMedia({ media: "print" });
      await page.setViewportSize({ width: Math.floor(A4_TEXT_PX), height: 900 });
      assert.ok((await overhang(page)) <= 0, "A4");
      assert.deepEqual(await collisions(page), [], "A4");
      const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
      assert.equal(pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length, 4);
      const [width = 0, height = 0] = (/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf) ?? [])
        .slice(1)
        .map(Number);
      assert.deepEqual([Math.round(width), Math.round(height)], [595, 842]);
      assert.deepEqual(complaints, []);
    });
  }

  it("a period without anything says so", async (t) => {
    const { dataDir } = officeOfOneWeek(t);
    const made = await reportOf(dataDir, { period: parsePeriod("2025-01") });
    const { page, complaints } = await show(browser, t, pageOf(made, "en"), 390);
    assert.match((await page.locator("main").textContent()) ?? "", /Nothing was recorded in this period/);
    assert.ok((await overhang(page)) <= 0);
    assert.deepEqual(complaints, []);
  });

  it("a page that breaks these rules is caught", async (t) => {
    const bad = `<!doctype html><body><main><p style="color:#999">faint</p><p style="width:2000px">wide</p>
      <figure><svg role="img" viewBox="0 0 100 20"><text y="15">one</text><text x="5" y="15">two</text></svg></figure>
      <script>console.log("said")</script><img src="other.png"></main>`;
    const { page, complaints } = await show(browser, t, bad, 390);
    assert.ok((await overhang(page)) > 0);
    assert.ok((await leastContrast(page)) < 4.5);
    assert.deepEqual(await collisions(page), ["one × two"]);
    assert.ok(complaints.includes("console: said") && complaints.some((one) => one.endsWith("other.png")));
  });
});

it("whatever is put into a page is escaped, but for markup itself", () => {
  const { text } = html`<p title="${`"'\``}">${["<b>", html`<i>${"&"}</i>`]}${1}${"\u202e\u0000"}</p>`;
  assert.equal(text, `<p title="&quot;&#39;&#96;">&lt;b&gt;<i>&amp;</i>1\ufffd\ufffd</p>`);
});
