import { runRecorder } from "../recorder/run-recorder.ts";
import { serve } from "./serve.ts";

void serve("recorder", runRecorder);
