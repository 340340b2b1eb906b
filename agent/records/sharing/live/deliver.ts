import type { Clock } from "../../../../config/base/clock.ts";
import type { Link } from "../../../../sync/link/link.ts";
import type { ShareMessage } from "./messages.ts";

/** Messages that are acknowledged before more go: a slow link must not look like a dead one. */
const BATCH = 32;
/** So long a broker may take for one batch before the link counts as dead. */
const ACKNOWLEDGE_MS = 60_000;

/**
 * Publishes in order with QoS 1; true once the broker has acknowledged all of them, false where the link
 * ended before that, or was ended for keeping us waiting. The link itself bounds what is on its way.
 * Rejects with `payload-too-large` where the broker takes only smaller ones.
 */
export async function deliver(link: Link, messages: readonly ShareMessage[], clock: Clock): Promise<boolean> {
  for (let at = 0; at < messages.length; at += BATCH) {
    if (!(await deliverBatch(link, messages.slice(at, at + BATCH), clock))) return false;
  }
  return true;
}

async function deliverBatch(link: Link, messages: readonly ShareMessage[], clock: Clock): Promise<boolean> {
  const waiting = new AbortController();
  let open = messages.length;
  const taken = new Promise<true>((resolve, reject) => {
    const onTaken = () => {
      open--;
      if (open === 0) resolve(true);
    };
    publishAll(link, messages, onTaken).catch(reject);
  });
  const ended = link.ended.then(() => false as const);
  const late = clock.sleep(ACKNOWLEDGE_MS, waiting.signal).then(
    () => false as const,
    () => false as const,
  );
  try {
    const isTaken = await Promise.race([taken, ended, late]);
    if (!isTaken) await link.close();
    return isTaken;
  } finally {
    waiting.abort();
  }
}

async function publishAll(link: Link, messages: readonly ShareMessage[], onTaken: () => void): Promise<void> {
  for (const { topic, payload } of messages) {
    if (!(await link.publish({ topic, payload, onTaken }))) return;
  }
}
