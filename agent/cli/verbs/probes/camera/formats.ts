import { cameraFormats } from "../../../../probes/camera/formats.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { harmless } from "../../../face/width.ts";
import { cameraWords } from "../../../text/probes/camera.ts";
import { untilStopped } from "../../until-stopped.ts";

/** What a camera offers. */
export async function formats(face: Face, device: string, { json }: { json?: boolean }): Promise<ExitCode> {
  const offered = await untilStopped(face, (signal) => cameraFormats(device, signal));
  if (json === true) face.printJson({ device, formats: offered });
  else
    for (const { format, compressed, name, sizes } of offered) {
      const kind = face.say(compressed ? cameraWords.compressed : cameraWords.raw);
      face.print(harmless(`${format}  ${kind}  ${name}`), `  ${harmless(sizes.join(" "))}`);
    }
  return 0;
}
