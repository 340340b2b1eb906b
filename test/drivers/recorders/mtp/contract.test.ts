import { recorderDriverContract } from "../../../contract/recorder-driver.ts";
import { makeMtp } from "./simulated.ts";

recorderDriverContract("mtp", makeMtp({}));
recorderDriverContract(
  "mtp with 32-bit offsets, a stale session and lone headers",
  makeMtp({
    no64: true,
    staleSession: true,
    splitHeader: true,
    ignoresParents: true,
  }),
);
recorderDriverContract(
  "mtp without partial reads and class requests",
  makeMtp({
    noPartial: true,
    noClassRequests: true,
    needsSession: true,
    untoldLength: true,
  }),
);
recorderDriverContract(
  "mtp without empty packets, removal and properties",
  makeMtp({
    noEmptyPacket: true,
    noPartial: true,
    untoldLength: true,
    noRemove: true,
    noProperties: true,
  }),
);
