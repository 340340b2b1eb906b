import { AgentError } from "../../../config/base/errors.ts";
import type { Wearer } from "../recorder-driver.ts";
import { readGbk, writeGbk } from "./gbk.ts";

/** The fields of GetZFYInfo and WriteZFYInfo in their order, GA/T 947.4-2015: bytes of each, 89 in all. */
const FIELD_BYTES = { serial: 7, id: 6, name: 32, unitId: 12, unitName: 32 } as const;
type Field = keyof typeof FIELD_BYTES;
const FIELDS = Object.keys(FIELD_BYTES) as Field[];

function fieldOf(info: Uint8Array, wanted: Field): Uint8Array {
  let offset = 0;
  for (const field of FIELDS) {
    if (field === wanted) break;
    offset += FIELD_BYTES[field];
  }
  return info.subarray(offset, offset + FIELD_BYTES[wanted]);
}

/** The product serial, which the maker wrote; empty where it did not. */
export function serialOf(info: Uint8Array): string {
  return readGbk(fieldOf(info, "serial"));
}

/** Fields that are blank are left out; the id may be empty. */
export function wearerOf(info: Uint8Array): Wearer {
  const name = readGbk(fieldOf(info, "name"));
  const unitId = readGbk(fieldOf(info, "unitId"));
  const unitName = readGbk(fieldOf(info, "unitName"));
  return {
    id: readGbk(fieldOf(info, "id")),
    ...(name === "" ? {} : { name }),
    ...(unitId === "" ? {} : { unitId }),
    ...(unitName === "" ? {} : { unitName }),
  };
}

/** `info` with another wearer; the serial stays byte for byte. Throws `wearer-unfit`. */
export function withWearer(info: Uint8Array, wearer: Wearer): Uint8Array {
  // the standard lets no user number be empty
  if (wearer.id === "") throw new AgentError("wearer-unfit", "id: empty");
  const fields = [
    fieldOf(info, "serial"),
    ...(["id", "name", "unitId", "unitName"] as const).map((field) =>
      writeGbk(wearer[field] ?? "", FIELD_BYTES[field], field),
    ),
  ];
  return new Uint8Array(Buffer.concat(fields));
}
