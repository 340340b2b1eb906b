/** Bounds of sync-protocol, "Topics" and "Exchange", in bytes unless the name says otherwise. */
export const KIB = 1024;
export const MAX_ENTRIES_BYTES = 256 * KIB;
export const MAX_DOWN_BYTES = 256 * KIB;
/** A part above this is `too-large`. */
export const MAX_PART_BYTES = 1024 * KIB;
/** A part that may always be sent while credit is positive, and the only one sent to an unlisted file. */
export const SMALL_PART_BYTES = 64 * KIB;
export const USUAL_PART_BYTES = 256 * KIB;
export const MAX_WINDOW_PARTS = 8;
export const MAX_WINDOW_BYTES = 2048 * KIB;
export const MAX_UNANSWERED_ENTRIES = 4;
export const MAX_DONE_RANGES = 1000;
export const MAX_LISTED_FILES = 64;
/** The largest payload (a part) and room for the longest topic and the MQTT header. */
export const MAX_UP_PACKET_BYTES = MAX_PART_BYTES + KIB;
export const MAX_DOWN_PACKET_BYTES = MAX_DOWN_BYTES + KIB;
