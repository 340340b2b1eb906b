import { serveThread } from "../../../../config/threads/thread-rpc.ts";
import { hashFiles } from "./hash-files.ts";

const operations = { hashFiles };
export type HashOperations = typeof operations;

serveThread(operations);
