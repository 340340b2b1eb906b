import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { answerUpdateOrder } from "../../../agent/update/service/updating-service.ts";
import { stagedBundleOf } from "../../../agent/update/service/wire.ts";
import { ask } from "../../../config/orders/one-order.ts";
import { temporaryDirectory } from "../surroundings.ts";
import { SimulatedRauc } from "./simulated-rauc.ts";

/** A receiver that has no bundle for anybody. */
export const NOTHING_TO_FETCH = {
  part: async () => Buffer.alloc(0),
  mayFetch: () => true,
  freeBytes: () => 2 ** 30,
};

/** The updating service on a socket, as systemd would connect it, over simulated slots; gone with the test. `folder`: the agent's data directory. */
export async function updatingUnit(t: TestContext, folder = temporaryDirectory(t)) {
  const rauc = new SimulatedRauc();
  const socket = join(folder, "updater.sock");
  const bundle = stagedBundleOf(folder);
  mkdirSync(dirname(bundle), { recursive: true });
  const release = join(folder, "release");
  const minimum = join(folder, "minimum-version");
  const restarts = { count: 0, fail: 0 };
  writeFileSync(release, "VERSION=1.0.0\nBOARD=test\n");
  const restart = async () => {
    if (restarts.fail > 0) {
      restarts.fail--;
      throw new Error("not now");
    }
    restarts.count++;
  };
  const open = new Set<Socket>();
  const server = createServer((connection) => {
    open.add(connection);
    void answerUpdateOrder(connection, connection, { rauc, bundle, release, minimum, restart });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.after(() => {
    for (const connection of open) connection.destroy();
    server.close();
  });
  return {
    folder,
    rauc,
    socket,
    bundle,
    release,
    minimum,
    restarts,
    ask: (order: object) => ask(socket, order, 10_000),
  };
}
