import type { Phrase } from "../phrase.ts";

/** What an error code means to a person, and what to do about it. */
export interface ErrorText {
  meaning: Phrase;
  next: Phrase;
  /** 2: the command was used wrongly; 1: it was understood, and the answer is no. */
  exit: 1 | 2;
}
