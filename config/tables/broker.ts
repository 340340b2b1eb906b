import * as v from "valibot";
import { hostAndPort, pathFrom, table } from "../fields.ts";

export function broker(baseDir: string) {
  return v.pipe(
    table({
      listen: v.optional(hostAndPort(), "127.0.0.1:1883"),
      cert_file: v.exactOptional(pathFrom(baseDir)),
      key_file: v.exactOptional(pathFrom(baseDir)),
      ca_file: v.exactOptional(pathFrom(baseDir)),
      users_file: v.exactOptional(pathFrom(baseDir)),
    }),
    v.forward(
      v.check(
        (own) => (own.cert_file === undefined) === (own.key_file === undefined),
        "only together with key_file",
      ),
      ["cert_file"],
    ),
    v.forward(
      v.check(
        (own) => own.ca_file === undefined || own.cert_file !== undefined,
        "only together with cert_file",
      ),
      ["ca_file"],
    ),
  );
}
