import { runDock } from "../dock/run-dock.ts";
import { serve } from "./serve.ts";

void serve("dock", runDock);
