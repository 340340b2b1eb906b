import { runReceiver } from "../receiver/run-receiver.ts";
import { serve } from "./serve.ts";

void serve("receiver", runReceiver);
