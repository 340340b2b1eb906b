import type { SendOrder } from "../outbox/outbox.ts";
import type { Preference } from "../outbox/wanted.ts";
import type { Moment, Permit, UploadPolicy } from "./upload-policy.ts";

/** What the machine asks before it sends anything: an upload policy that is told the time. */
export interface SendPolicy {
  permit(): Permit;
  order: SendOrder;
  letsAllThrough(): boolean;
  /** Media is about to be sent. */
  sending(bytes: number): void;
}

/** Lets everything through at once, in one order. */
export function unrestricted(order: readonly Preference[]): SendPolicy {
  const permit: Permit = { entries: true, mediaBytes: Number.MAX_SAFE_INTEGER, held: null, againMs: null };
  return {
    permit: () => permit,
    order: () => ({ first: [], order }),
    letsAllThrough: () => true,
    sending: () => {},
  };
}

/** The policy at the moments that a clock tells. */
export function timed(policy: UploadPolicy, at: () => Moment): SendPolicy {
  return {
    permit: () => policy.permit(at()),
    order: () => policy.orderAt(at()),
    letsAllThrough: () => policy.letsAllThrough(at()),
    sending: (bytes) => policy.sending(bytes, at()),
  };
}
