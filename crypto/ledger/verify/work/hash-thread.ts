import { parentPort } from "node:worker_threads";
import { type HashJob, hashFiles } from "./hash-files.ts";

// one job after the other, answered in their order
parentPort?.on("message", (job: HashJob) => parentPort?.postMessage(hashFiles(job)));
