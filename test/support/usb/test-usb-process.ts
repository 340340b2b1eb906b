import { serveUsb } from "../../../drivers/usb/host/process/serve.ts";
import { openTestRecorder } from "./test-recorder.ts";

serveUsb({ mtp: openTestRecorder });
