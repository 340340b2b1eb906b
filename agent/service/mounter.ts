import { realpathSync } from "node:fs";
import { accountNumber, groupNumber } from "../../config/base/accounts.ts";
import { systemClock } from "../../config/base/clock.ts";
import { AgentError } from "../../config/base/errors.ts";
import { KERNEL_PATHS } from "../../drivers/recorders/mass-storage/mount/disk/usb-disks.ts";
import { OwnMounts } from "../../drivers/recorders/mass-storage/mount/mounts/own-mounts.ts";
import { answerOrder } from "../../drivers/recorders/mass-storage/mount/service/mounting-service.ts";
import { CARDS_DIRECTORY } from "../../drivers/recorders/mass-storage/mount/service/places.ts";

/**
 * The mounting service of a dock, one order a run: from stdin, its answer to stdout, as systemd's
 * `Accept=yes` connects them. Who may order is the socket's to say.
 */

/** Whose, and of which group, the files of cards are. */
const ACCOUNT = "fulltrace";

const [uid, gid] = [accountNumber(ACCOUNT), groupNumber(ACCOUNT)];
if (uid === null || gid === null) throw new AgentError("account-unknown", ACCOUNT);
const directory = realpathSync(CARDS_DIRECTORY);
const mounts = new OwnMounts(directory, { uid, gid });

const parts = { mounts, directory, clock: systemClock, paths: KERNEL_PATHS, allowBuiltIn: false };
void answerOrder(process.stdin, process.stdout, parts);
