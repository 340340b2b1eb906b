/** How a simulated MTP recorder differs from a good one. All can be changed while it runs. */
export interface MtpBehaviour {
  /** Answers 0x2003 to GetDeviceInfo outside a session. */
  needsSession: boolean;
  /** Another host left its session open. */
  staleSession: boolean;
  /** Tells all objects whatever folder is asked for. */
  ignoresParents: boolean;
  /** Neither GetPartialObject nor its 64-bit form. */
  noPartial: boolean;
  /** Not the 64-bit form. */
  no64: boolean;
  noRemove: boolean;
  noProperties: boolean;
  /** The header of data travels alone. */
  splitHeader: boolean;
  /** Leaves out the zero-length packet behind data of whole packets. */
  noEmptyPacket: boolean;
  /** Announces 0xFFFFFFFF for whole files. */
  untoldLength: boolean;
  /** Stalls Cancel and Get Device Status, as QEMU's does. */
  noClassRequests: boolean;
  /** Answers so many operations with 0x2019. */
  busyTimes: number;
  /** Answers every deletion and setting with 0x200D. */
  writeProtected: boolean;
  /** Added to each length that ObjectInfo tells. */
  lyingBytes: number;
  /** What GetObjectHandles announces without end: a new folder for each object asked about. */
  endlessListing: boolean;
  /** Pause before each transfer. */
  slowMs: number;
  /** How its answers are broken. */
  answers: "good" | "wrong-transaction" | "wrong-type" | "wrong-operation" | "longer" | "shorter" | "huge";
  /** Rewrites each container on its way out; null: none. */
  mutate: ((container: Buffer) => Buffer) | null;
}

export const GOOD_MTP: MtpBehaviour = {
  needsSession: false,
  staleSession: false,
  ignoresParents: false,
  noPartial: false,
  no64: false,
  noRemove: false,
  noProperties: false,
  splitHeader: false,
  noEmptyPacket: false,
  untoldLength: false,
  noClassRequests: false,
  busyTimes: 0,
  writeProtected: false,
  lyingBytes: 0,
  endlessListing: false,
  slowMs: 0,
  answers: "good",
  mutate: null,
};
