import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { RaucCommand } from "../update/rauc/rauc.ts";
import { answerUpdateOrder } from "../update/service/updating-service.ts";
import { STAGED_BUNDLE } from "../update/service/wire.ts";

/**
 * The updating service of a unit with two slots, one order a run: from stdin, its answer to stdout, as systemd's
 * `Accept=yes` connects them. Who may order is the socket's to say.
 */

const restart = async () => void (await promisify(execFile)("systemctl", ["--no-block", "reboot"]));

void answerUpdateOrder(process.stdin, process.stdout, {
  rauc: new RaucCommand(),
  bundle: STAGED_BUNDLE,
  release: "/etc/fulltrace-release",
  minimum: "/data/system/minimum-version",
  restart,
});
