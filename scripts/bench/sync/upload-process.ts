import { closeSync, fsyncSync, openSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFully } from "../../../config/base/durable.ts";

/**
 * The plainest durable receiver: a PUT is written to the file named by the first argument, synced, then
 * answered. Prints its port on stdout.
 */
const file = process.argv[2] ?? "";

const server = createServer({ noDelay: true }, (request, response) => {
  const fd = openSync(file, "w");
  request.on("data", (piece: Buffer) => writeFully(fd, piece));
  request.on("end", () => {
    fsyncSync(fd);
    response.writeHead(201).end();
  });
  request.on("close", () => {
    closeSync(fd);
    rmSync(file);
  });
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
