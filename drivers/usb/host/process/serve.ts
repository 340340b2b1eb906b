import { systemClock } from "../../../../config/base/clock.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { serveProcess } from "../../../../config/threads/process-rpc.ts";
import { kernelInquiry } from "../../libusb/kernel-inquiry.ts";
import { LibusbBus } from "../../libusb/libusb-bus.ts";
import type { UsbBus } from "../../usb-link.ts";
import { VirtualBus } from "../../virtual/virtual-bus.ts";
import { DataServer } from "../data/data-server.ts";
import type { DriverTable } from "../driver-table.ts";
import type { BusChoice, ProcessStart, UsbProcessEvent, UsbProcessOperations } from "../usb-messages.ts";
import { DeviceDesk, type KnownInquiry } from "./device-desk.ts";

const LIBUSB_NO_DEVICE = -4;

type Warning = { code: string; place: string; next?: string };

function openBus(
  choice: BusChoice,
  lastInsertion: number,
  warn: (warning: Warning) => void,
): { bus: UsbBus; known: KnownInquiry } {
  switch (choice.bus) {
    case "libusb":
      return {
        bus: new LibusbBus({ clock: systemClock, lastInsertion, warn }),
        known: (device, interfaceNumber) => kernelInquiry(device.port, interfaceNumber, systemClock),
      };
    case "virtual": {
      const { hub } = choice;
      const bus = new VirtualBus({ hub, clock: systemClock, lastInsertion, warn });
      return { bus, known: async () => null };
    }
  }
}

/** The whole of the USB process: a bus, the recorders on it, and the socket through which their files are read. */
export function serveUsb(drivers: DriverTable): void {
  let running: { desk: DeviceDesk; bus: UsbBus; data: DataServer; watching: AbortController } | null = null;
  const calls = new Map<number, AbortController>();

  function desk(): DeviceDesk {
    if (running === null) throw new AgentError("usb-failed", "not started");
    return running.desk;
  }

  /** Runs one call so that `cancel` can end it. */
  async function cancellable<T>(call: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    calls.set(call, controller);
    try {
      return await work(controller.signal);
    } finally {
      calls.delete(call);
    }
  }

  const operations: UsbProcessOperations = {
    start: async ({ bus: choice, socket, lastInsertion, held }: ProcessStart) => {
      const warn = (warning: Warning): void => emit({ kind: "warning", ...warning });
      const { bus, known } = openBus(choice, lastInsertion, warn);
      const watching = new AbortController();
      const deviceDesk = new DeviceDesk({ bus, known, held }, drivers, emit);
      const data = await DataServer.listen(socket, (link) => deviceDesk.read(link));
      running = { desk: deviceDesk, bus, data, watching };
      await bus.watch((change) => deviceDesk.onChange(change), watching.signal);
    },
    ping: () => ({ rssBytes: process.memoryUsage.rss() }),
    admit: (port) => desk().admit(port),
    open: (call, insertion, options) => cancellable(call, () => desk().open(insertion, options)),
    ask: (call, link, method, args) =>
      cancellable(call, (signal) => desk().recorder(link).ask(method, args, signal)),
    listPage: (call, link, listing) =>
      cancellable(call, (signal) => desk().recorder(link).listPage(listing, signal)),
    endListing: (link, listing) => desk().recorder(link).endListing(listing),
    closeRecorder: (link) => desk().close(link),
    cancel: (call) => calls.get(call)?.abort(new AgentError("recorder-gone", "no longer wanted")),
    stop: async () => {
      if (running === null) return;
      running.watching.abort();
      await running.desk.closeAll();
      await running.data.close();
      await running.bus.close();
      running = null;
    },
  };
  // node-usb throws from its own callbacks when a device goes at the wrong moment; the transfer has failed by itself
  process.on("uncaughtException", (error) => {
    if ((error as { errno?: unknown }).errno !== LIBUSB_NO_DEVICE) throw error;
    emit({ kind: "warning", code: "usb-gone", place: error.message });
  });
  // a terminal's Ctrl-C reaches the whole group: the parent stops this process when it is ready to
  process.on("SIGINT", () => {});
  const emit = serveProcess<UsbProcessEvent>(operations);
}
