import { usbContract } from "../../../contract/usb-link.ts";
import { virtualUsbBench } from "../../../support/usb/virtual-bench.ts";

usbContract("sockets in a folder", virtualUsbBench);
