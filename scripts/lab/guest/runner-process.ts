import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { release, uptime } from "node:os";
import { linesOf, sendLine } from "../wire/json-lines.ts";
import type { Order, RunnerWord } from "../wire/messages.ts";

/** Runs test files inside the machine, one at a time, as the host orders them; ends with the connection. */

const TALLY_FILE = "/tmp/tally.json";

async function obey(socket: Socket, order: Order): Promise<void> {
  switch (order.kind) {
    case "power-off":
      socket.end();
      return;
    case "run": {
      rmSync(TALLY_FILE, { force: true });
      const child = spawn(process.execPath, [...testOptions(order.timeoutMs), order.file], {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, ...order.env },
      });
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8");
        stream.on("data", (text: string) => tell(socket, { kind: "output", id: order.id, text }));
      }
      const [code] = (await once(child, "close")) as [number | null];
      const written = existsSync(TALLY_FILE) ? readFileSync(TALLY_FILE, "utf8") : "";
      const tally: unknown = JSON.parse(written || "null");
      tell(socket, { kind: "ended", id: order.id, code: code ?? 1, tally });
    }
  }
}

function testOptions(timeoutMs: number): string[] {
  return [
    "--test",
    "--enable-source-maps",
    `--test-timeout=${timeoutMs}`,
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${new URL("../../../../scripts/test/tally-reporter.mjs", import.meta.url)}`,
    `--test-reporter-destination=${TALLY_FILE}`,
  ];
}

function tell(socket: Socket, word: RunnerWord): void {
  sendLine(socket, word);
}

const [host, port] = process.argv.slice(2);
const socket = createConnection({ host: host ?? "", port: Number(port) });
await once(socket, "connect");
tell(socket, { kind: "up", kernel: release(), node: process.version, uptimeS: uptime() });
for await (const order of linesOf<Order>(socket)) await obey(socket, order);
