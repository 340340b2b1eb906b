import { DirectoryLock } from "../../../crypto/ledger/db/directory-lock.ts";

/** A process that holds the lock of the directory in its first argument until it is killed. */
const lock = DirectoryLock.take(process.argv[2] as string);
process.stdout.write("locked\n");
setInterval(() => lock, 1_000_000);
