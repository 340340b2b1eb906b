#!/usr/bin/env -S UV_USE_IO_URING=0 MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072 node --max-semi-space-size=1
import { runCommand } from "./run-command.ts";

const { stdout, stderr, env } = process;
void runCommand(process.argv.slice(2), { stdout, stderr, env }).then((exit) => {
  process.exitCode = exit;
});
