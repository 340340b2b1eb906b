import { execFileSync } from "node:child_process";

// The tests of mounted cards that `npm test` skips where the kernel has no vfat, exFAT or loop devices.

execFileSync("modprobe", ["loop"]);
// they look for what the kernel has when they are loaded
await import("../drivers/recorders/mass-storage/mount/real-cards.test.ts");
