import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Debian's own Python: the GStreamer bindings are its packages. */
const PYTHON = "/usr/bin/python3";

const IMPORTS = `
import sys, gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
`;

/** Serves H.264 and AAC at /live on the port of its argument, and prints the port that it got. */
const SERVER = `${IMPORTS}
picture = ("videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=25/1"
    " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=50 sliced-threads=false bitrate=500"
    " ! rtph264pay name=pay0 pt=96")
sound = ("audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=1 ! avenc_aac"
    " ! rtpmp4gpay name=pay1 pt=97")
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch("( " + picture + " " + sound + " )")
factory.set_shared(True)
server.get_mount_points().add_factory("/live", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
`;

/** What is missing for a camera of this kind on this machine; null: nothing. */
export function missingForRtsp(): string | null {
  const elements = ["x264enc", "rtph264pay", "avenc_aac", "rtpmp4gpay"];
  const check = `${IMPORTS}\nsys.exit(0 if all(Gst.ElementFactory.find(e) for e in ${JSON.stringify(elements)}) else 1)`;
  const { status } = spawnSync(PYTHON, ["-c", check], { stdio: "ignore" });
  return status === 0 ? null : "GStreamer's RTSP server is not installed";
}

/** A network camera: GStreamer's RTSP server in a process of its own. */
export class RtspCamera {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  /** Resolves when it listens, on this port or on a free one. */
  static async start(port = 0): Promise<RtspCamera> {
    const process = spawn(PYTHON, ["-c", SERVER, `${port}`], { stdio: ["ignore", "pipe", "ignore"] });
    const [line] = await once(createInterface(process.stdout), "line");
    return new RtspCamera(process, Number(line));
  }

  get url(): string {
    return `rtsp://127.0.0.1:${this.port}/live`;
  }

  /** The wire is cut: no farewell. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}
