import { constants } from "node:fs";
import { access, readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { withoutPassword } from "../../../capture/source/probe.ts";
import type { Config, RecorderConfig } from "../../../config/schema.ts";

/** A device of the kernel's Video4Linux. */
export interface CameraSeen {
  device: string;
  name: string;
  /** The path that stays the same over replugging. */
  stable?: string;
  /** False: another node of a camera that has one already, for its metadata or a second stream. */
  first_node: boolean;
  may_open: boolean;
}

/** A device of ALSA that records sound. */
export interface MicrophoneSeen {
  /** As `audio.device` wants it. */
  device: string;
  name: string;
}

/** What the configuration films with. */
export interface ConfiguredCamera {
  source: "v4l2" | "rtsp" | "file" | "testsrc";
  /** Device, address without user and password, or path. */
  at?: string;
  microphone?: string;
}

export interface CamerasSeen {
  cameras: CameraSeen[];
  microphones: MicrophoneSeen[];
  configured?: ConfiguredCamera;
}

/** Where the kernel shows cameras and sound cards. */
export interface CameraFolders {
  /** `/sys/class/video4linux` */
  video: string;
  /** `/dev` */
  dev: string;
  /** `/proc/asound/pcm` */
  pcm: string;
  /** `/proc/asound/cards` */
  cards: string;
}

export const SYSTEM_CAMERAS: CameraFolders = {
  video: "/sys/class/video4linux",
  dev: "/dev",
  pcm: "/proc/asound/pcm",
  cards: "/proc/asound/cards",
};

/** Cameras and microphones of this machine, and what `config` films with; nothing is opened. */
export async function listCameras(
  config: Config | null,
  folders: CameraFolders = SYSTEM_CAMERAS,
): Promise<CamerasSeen> {
  const configured = config?.role === "recorder" ? configuredCamera(config) : null;
  return {
    cameras: await cameras(folders),
    microphones: microphonesOf(await textOf(folders.pcm), await textOf(folders.cards)),
    ...(configured === null ? {} : { configured }),
  };
}

async function cameras({ video, dev }: CameraFolders): Promise<CameraSeen[]> {
  const stable = new Map<string, string>();
  for (const folder of ["by-path", "by-id"]) {
    const home = join(dev, "v4l", folder);
    for (const name of await readdir(home).catch(() => [])) {
      const node = await realpath(join(home, name)).catch(() => null);
      if (node !== null) stable.set(node, join(home, name));
    }
  }
  const names = (await readdir(video).catch(() => [])).filter((name) => /^video[0-9]+$/.test(name));
  names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return await Promise.all(
    names.map(async (name) => {
      const device = join(dev, name);
      const path = stable.get(await realpath(device).catch(() => device));
      return {
        device,
        name: (await textOf(join(video, name, "name"))).trim(),
        ...(path === undefined ? {} : { stable: path }),
        first_node: (await textOf(join(video, name, "index"))).trim() === "0",
        may_open: await access(device, constants.R_OK | constants.W_OK).then(
          () => true,
          () => false,
        ),
      };
    }),
  );
}

/**
 * Reads ALSA's `/proc/asound/pcm`, with lines such as `01-00: USB Audio : USB Audio : playback 1 : capture 1`, and
 * the names of the cards: ` 1 [Device         ]: USB-Audio - USB PnP Sound Device`.
 */
export function microphonesOf(pcm: string, cards: string): MicrophoneSeen[] {
  const names = new Map<number, string>();
  for (const [, number, name] of cards.matchAll(/^\s*([0-9]+) \[[^\]]*\]: (?:.* - )?(.+)$/gm)) {
    names.set(Number(number), (name ?? "").trim());
  }
  return [...pcm.matchAll(/^([0-9]+)-([0-9]+): ([^:\n]*)(?::.*)?: capture [0-9]+/gm)].map(
    ([, card, device, name]) => ({
      device: `hw:${Number(card)},${Number(device)}`,
      name: names.get(Number(card)) ?? (name ?? "").trim(),
    }),
  );
}

/** What a configuration films with, as it may be told. */
export function configuredCamera({ camera, audio }: RecorderConfig): ConfiguredCamera {
  const microphone = audio.enabled && audio.device !== undefined ? { microphone: audio.device } : {};
  switch (camera.source) {
    case "v4l2":
      return { source: "v4l2", at: camera.device, ...microphone };
    case "rtsp":
      return { source: "rtsp", at: withoutPassword(camera.url) };
    case "file":
      return { source: "file", at: camera.path };
    case "testsrc":
      return { source: "testsrc" };
  }
}

async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
