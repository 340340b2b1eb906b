/** What every entry has, whatever it says (ledger-format §2). */

/** Who set the wall clock that `utc_ms` was read from. */
export type ClockSource = "none" | "rtc" | "ntp" | "gnss" | "dock";

/** `t` of every entry. `unc_ms` is absent when `src` is `none`. */
export interface EntryTime {
  boot: string;
  mono_us: number;
  utc_ms: number;
  src: ClockSource;
  unc_ms?: number;
}

/** What a wall clock claims at one moment. */
export type WallClaim = Pick<EntryTime, "utc_ms" | "src" | "unc_ms">;

/** The fields that the writer adds to every entry. */
export interface EntryEnvelope {
  v: 1;
  dev: string;
  seq: number;
  prev: string;
  epoch: number;
  t: EntryTime;
}
