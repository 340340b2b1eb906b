import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Helper } from "../measure/children.ts";

const START_TIMEOUT_MS = 30_000;

/** A Mosquitto that everybody may use, as an office would run one: everything else at its defaults. */
export async function startMosquitto(
  directory: string,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const port = await freePort();
  const config = join(directory, "mosquitto.conf");
  writeFileSync(
    config,
    `listener ${port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nlog_type error\nlog_dest stderr\n`,
  );
  const broker = new Helper("mosquitto", ["-c", config]);
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
  while (!(await accepts(port))) await delay(20, undefined, { signal: timeout });
  return { port, stop: () => broker.stop() };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const connected = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "close").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return connected;
}
