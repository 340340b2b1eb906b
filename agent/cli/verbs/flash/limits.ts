const GIB = 2 ** 30;

/** Cards of recorders are up to so large; what is larger is likelier somebody's disk. */
export const MOST_CARD_GIB = 256;
export const MOST_CARD_BYTES = MOST_CARD_GIB * GIB;
