import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { REPOSITORY } from "../repository.ts";

/** Debian's own browser. */
const CHROMIUM = "/usr/bin/chromium";

/** One browser for all pages of a test file; whoever opens it closes it. */
export function openBrowser(): Promise<Browser> {
  // tests run as root in a container, where Chromium's own sandbox cannot
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
}

export interface Shown {
  page: Page;
  /** What the console said, scripts threw, and the page asked for beside itself. */
  complaints: string[];
}

/** Shows a page from a server of its own, so that whatever it asks for is seen. */
export async function show(browser: Browser, t: TestContext, text: string, width: number): Promise<Shown> {
  const complaints: string[] = [];
  const server = await serve(text, complaints);
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.resourceType() !== "document" && !request.url().endsWith("/favicon.ico"))
      complaints.push(`request: ${request.url()}`);
  });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return { page, complaints };
}

function serve(text: string, complaints: string[]): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === "/") {
      response.setHeader("content-type", "text/html; charset=utf-8").end(text);
      return;
    }
    if (request.url !== "/favicon.ico") complaints.push(`request: ${request.url}`);
    response.writeHead(204).end();
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** What is measured inside a page: `in-page.mjs` says how. */
interface InPage {
  overhang(): number;
  leastContrast(): number;
  collisions(): string[];
}

// not compiled: a page's names are none of Node's
const inPage = (await import(
  pathToFileURL(join(REPOSITORY, "test/support/reports/in-page.mjs")).href
)) as InPage;

export function overhang(page: Page): Promise<number> {
  return page.evaluate(inPage.overhang);
}

export function leastContrast(page: Page): Promise<number> {
  return page.evaluate(inPage.leastContrast);
}

export function collisions(page: Page): Promise<string[]> {
  return page.evaluate(inPage.collisions);
}
