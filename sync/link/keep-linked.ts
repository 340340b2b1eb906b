import { backoff } from "../../config/base/backoff.ts";
import type { Clock } from "../../config/base/clock.ts";
import type { Counters } from "../../config/base/counters.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { Random } from "../../config/base/random.ts";
import type { Link, LinkSession, OpenLink } from "./link.ts";

const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 60_000;
/** A link that lasted this long was a good one: the next wait is short again. */
const GOOD_LINK_MS = 30_000;

export interface LinkKeeping {
  open: OpenLink;
  session: LinkSession;
  clock: Clock;
  random: Random;
  log: Logger;
  /** Counts each failure to open, and each end, under its code. */
  counters: Counters;
  /** Called with each failure to open, and each end. */
  onAway?: (fault: LinkFault) => void;
}

/** Why there is no link: what the last attempt failed of, or the last link ended by. */
export interface LinkFault {
  code: string;
  place: string;
}

/**
 * Opens a link, gives it to `use`, and once it has ended opens another, with jittered exponential backoff
 * between; until `signal` aborts, which closes the link in order. `use` sets the link up and returns.
 */
export async function keepLinked(
  { open, session, clock, random, log, counters, onAway }: LinkKeeping,
  use: (link: Link) => void,
  signal: AbortSignal,
): Promise<void> {
  let waits = backoff(FIRST_WAIT_MS, MAX_WAIT_MS, random);
  while (!signal.aborted) {
    const startedUs = clock.monoUs();
    try {
      const link = await open(session, signal);
      log.info("broker linked");
      use(link);
      const reason = await endOf(link, signal);
      counters.add(reason.code);
      onAway?.({ code: reason.code, place: reason.place });
      log.info({ code: reason.code, place: reason.place }, "broker link ended");
    } catch (error) {
      if (signal.aborted) return;
      counters.add(errorCode(error));
      onAway?.(faultOf(error));
      log.warn({ code: errorCode(error), err: error }, "broker not reached");
    }
    if (clock.monoUs() - startedUs >= GOOD_LINK_MS * 1000)
      waits = backoff(FIRST_WAIT_MS, MAX_WAIT_MS, random);
    await clock.sleep(waits.next().value, signal).catch(() => {});
  }
}

function faultOf(error: unknown): LinkFault {
  if (error instanceof AgentError) return { code: error.code, place: error.place };
  return { code: errorCode(error), place: error instanceof Error ? error.message : "" };
}

async function endOf(link: Link, signal: AbortSignal) {
  const close = () => void link.close();
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  try {
    return await link.ended;
  } finally {
    signal.removeEventListener("abort", close);
  }
}
