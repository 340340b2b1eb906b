import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { isVersion } from "../../agent/update/rules/version.ts";

export interface ImageOptions {
  /** A folder of `scripts/image/boards/`. */
  board: string;
  out: string;
  /** Certificates (PEM) of those whose updates the unit takes; without them it takes none. */
  updateCa?: string;
  /** Signs an update bundle of the same slot; without it none is made. */
  signer?: { cert: string; key: string };
  /** Of the bundle and what the unit calls itself. */
  version?: string;
  /** Below which nothing follows the update once it runs; without it, its own. */
  minimumVersion?: string;
  /** Folders whose files are laid over the root, in order. */
  overlays: string[];
  /** Lines of sources.list(5) that the root is made from. */
  debian: string[];
  /** Make what is cached anew. */
  fresh: boolean;
}

const USAGE = `usage: scripts/build-image [--board qemu-virt] [--out FILE.img] [--update-ca FILE.pem]
         [--cert FILE.pem --key FILE.pem] [--version V] [--minimum-version V] [--overlay FOLDER]... [--debian LINE]... [--fresh]`;
/** The security archive's index for armhf did not match its signature when this was written: see docs/image.md. */
const DEBIAN = ["deb http://deb.debian.org/debian bookworm main"];

/** Ends the process with 2 when they are misused. */
export function imageOptions(args: readonly string[], dist: string): ImageOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        board: { type: "string", default: "qemu-virt" },
        out: { type: "string", default: `${dist}/fulltrace-recorder-armhf.img` },
        "update-ca": { type: "string" },
        cert: { type: "string" },
        key: { type: "string" },
        version: { type: "string" },
        "minimum-version": { type: "string" },
        overlay: { type: "string", multiple: true, default: [] },
        debian: { type: "string", multiple: true, default: [] },
        fresh: { type: "boolean", default: false },
      },
    });
    const { board, version, debian, fresh, cert, key } = values;
    const minimum = values["minimum-version"];
    for (const told of [version, minimum])
      if (told !== undefined && !isVersion(told)) throw new TypeError(`${told} is no version such as 1.2.3`);
    if ((cert === undefined) !== (key === undefined)) throw new TypeError("--cert and --key go together");
    return {
      board,
      out: resolve(values.out),
      ...(values["update-ca"] !== undefined && { updateCa: resolve(values["update-ca"]) }),
      ...(cert !== undefined && key !== undefined && { signer: { cert: resolve(cert), key: resolve(key) } }),
      ...(version !== undefined && { version }),
      ...(minimum !== undefined && { minimumVersion: minimum }),
      overlays: values.overlay.map((folder) => resolve(folder)),
      debian: debian.length > 0 ? debian : DEBIAN,
      fresh,
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}
