import * as v from "valibot";
import { MAX_ORDER_BYTES } from "../../../crypto/proof/update-order.ts";
import type { Obstacle } from "../../update/rules/gate.ts";

/** What a recorder with two slots offers on the control socket about its updates. */
export const updateParams = {
  "update.status": v.strictObject({}),
  "update.install": v.strictObject({}),
  "update.order": v.strictObject({ envelope: v.pipe(v.string(), v.maxLength(MAX_ORDER_BYTES)) }),
};

/** An office's order that was not carried out yet. */
export interface ToldOrder {
  version: string;
  until_ms: number;
  /** Its bundle is here. */
  staged: boolean;
}

export interface ToldUpdate {
  /** Of the slot that runs. */
  version: string;
  /** Nothing older is installed any more. */
  minimum_version: string;
  slots: {
    name: "A" | "B";
    booted: boolean;
    /** The boot loader has tries left for it. */
    good: boolean;
    /** Absent: what came with the card. */
    version?: string;
  }[];
  /** What an update would have to wait for now. */
  obstacles: Obstacle[];
  orders: ToldOrder[];
  /** The version that has yet to show that it runs. */
  trial: string | null;
  doing: "looking" | "installing" | "restarting" | null;
  /** Why the last one was not installed. */
  failure: { code: string; place: string } | null;
}

export interface UpdateResults {
  "update.status": ToldUpdate;
  "update.install": { version: string };
  "update.order": { orders: ToldOrder[] };
}
