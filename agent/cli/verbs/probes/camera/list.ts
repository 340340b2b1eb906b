import { listCameras } from "../../../../probes/camera/devices.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { harmless } from "../../../face/width.ts";
import { cameraWords } from "../../../text/probes/camera.ts";
import { configOf, type ProbeOptions } from "../../target.ts";

/** Cameras and microphones; exit 1: there is no camera, and the configuration names none either. */
export async function list(face: Face, options: ProbeOptions): Promise<ExitCode> {
  const seen = await listCameras(await configOf(face, options));
  const { cameras, microphones, configured } = seen;
  if (options.json === true) face.printJson(seen);
  else {
    if (configured !== undefined) {
      const { source, at, microphone } = configured;
      const parts = [source, at, microphone].filter((part) => part !== undefined);
      face.print(face.say(cameraWords.configured, { camera: harmless(parts.join("  ")) }));
    }
    if (cameras.length === 0) face.print(face.say(cameraWords.noCameras));
    for (const { device, name, stable, first_node: isFirst, may_open: mayOpen } of cameras) {
      const note = isFirst ? "" : `  ${face.paint("dim", face.say(cameraWords.furtherNode))}`;
      face.print(`${harmless(`${device}  ${name}`)}${note}`);
      if (stable !== undefined) face.print(`  ${harmless(stable)}`);
      if (!mayOpen) face.print(`  ${face.paint("yellow", face.say(cameraWords.mayNotOpen))}`);
    }
    if (microphones.length === 0) face.print(face.say(cameraWords.noMicrophones));
    for (const { device, name } of microphones)
      face.print(harmless(`${device}  ${face.say(cameraWords.microphone)}  ${name}`));
  }
  return cameras.length === 0 && configured === undefined ? 1 : 0;
}
