/** Who watches over the program from outside: systemd, or nobody. */
export interface Supervisor {
  /** The role's work has begun: its store is open, orders are answered. */
  ready(): void;
  /** An orderly end has begun. */
  stopping(): void;
  /**
   * Tells that the program lives, as often as the supervisor wants it, until the signal aborts: each time only
   * after `answers` has resolved.
   */
  keepTold(answers: () => Promise<void>, signal: AbortSignal): Promise<void>;
}

export const UNSUPERVISED: Supervisor = {
  ready() {},
  stopping() {},
  async keepTold() {},
};
