import { realpathSync } from "node:fs";
import { accountNumbers } from "../../config/base/accounts.ts";
import { systemClock } from "../../config/base/clock.ts";
import { AgentError } from "../../config/base/errors.ts";
import { KERNEL_PATHS } from "../../drivers/recorders/mass-storage/mount/disk/usb-disks.ts";
import { OwnMounts } from "../../drivers/recorders/mass-storage/mount/own-mounts.ts";
import { answerOrder } from "../../drivers/recorders/mass-storage/mount/service/mounting-service.ts";
import { CARDS_DIRECTORY } from "../../drivers/recorders/mass-storage/mount/service/places.ts";

/**
 * The mounting service of a dock, one order a run: from stdin, its answer to stdout, as systemd's
 * `Accept=yes` connects them. Who may order is the socket's to say.
 */

/** Whose the files of cards are. */
const ACCOUNT = "fulltrace";

const owner = accountNumbers(ACCOUNT);
if (owner === null) throw new AgentError("account-missing", ACCOUNT);
const directory = realpathSync(CARDS_DIRECTORY);
const mounts = new OwnMounts(directory, owner);

const parts = { mounts, directory, clock: systemClock, paths: KERNEL_PATHS, allowBuiltIn: false };
void answerOrder(process.stdin, process.stdout, parts);
