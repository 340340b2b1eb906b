import { SYSTEM_DISKS } from "../../../agent/flash/disks/disk-paths.ts";
import { flashImage } from "../../../agent/flash/flash.ts";
import { memoryMib } from "../measure/process-usage.ts";

/** `fulltrace flash write` of one image to a new file, in a process of its own; prints its peak memory in MiB. */
const [image = "", target = ""] = process.argv.slice(2);
const { read_back: readBack } = await flashImage({
  image,
  target,
  paths: SYSTEM_DISKS,
  personal: new Map(),
  mostBytes: Number.MAX_SAFE_INTEGER,
  insists: false,
  signal: new AbortController().signal,
  onProgress: () => {},
});
if (readBack !== "medium") throw new Error(`${target} was read back out of memory`);
process.stdout.write(String(memoryMib(process.pid).peak));
