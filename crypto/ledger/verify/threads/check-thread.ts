import { parentPort } from "node:worker_threads";
import { type Job, runJob } from "./jobs.ts";

// one job after the other; the answer gives the job's buffer back
parentPort?.on("message", (job: Job) => {
  const answer = runJob(job);
  parentPort?.postMessage(answer, answer.kind === "signatures" ? [answer.buffer] : []);
});
