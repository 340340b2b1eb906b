import { statSync } from "node:fs";
import { digestOf } from "../../../update/orders/staged-bundle.ts";
import { RaucCommand } from "../../../update/rauc/rauc.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { pairs } from "../../face/table.ts";
import { updateWords as say } from "../../text/update/words.ts";

export interface CheckOptions {
  keyring?: string;
  json?: boolean;
}

/** Looks at a bundle as a unit would, its signature and all of its content, and writes nothing. */
export async function check(face: Face, bundle: string, { keyring, json }: CheckOptions): Promise<ExitCode> {
  const rauc = new RaucCommand(keyring === undefined ? [] : [`--keyring=${keyring}`]);
  const { compatible, version, minimumVersion } = await rauc.inspect(bundle);
  const { size: bytes } = statSync(bundle);
  const sha256 = await digestOf(bundle);
  if (json === true) face.printJson({ compatible, version, minimum_version: minimumVersion, bytes, sha256 });
  else
    face.print(
      ...pairs([
        [face.say(say.holds), version],
        [face.say(say.board), compatible],
        [face.say(say.minimum), minimumVersion],
        [face.say(say.length), String(bytes)],
        ["SHA-256", sha256],
      ]),
    );
  return 0;
}
