import { DRIVER_TABLE } from "./driver-table.ts";
import { serveUsb } from "./process/serve.ts";

serveUsb(DRIVER_TABLE);
