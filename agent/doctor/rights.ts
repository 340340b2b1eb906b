import { accessSync, constants } from "node:fs";
import { errorCode } from "../../config/base/errors.ts";

/** Whether this account may read and write a file, a folder or a device. */
export function mayUse(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** False: the folder is there, and this account may not look into it. */
export function mayEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch (error) {
    return errorCode(error) !== "EACCES";
  }
}
