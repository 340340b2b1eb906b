/** What a card's personal part may carry, in this order; the values are bounds in bytes. */
export const MEMBERS = {
  version: 64,
  serial: 256,
  "config.toml": 256 * 1024,
  "receiver-keys": 8 * 1024,
  "broker-password": 4096,
  "broker-ca.pem": 64 * 1024,
  "broker-cert.pem": 64 * 1024,
  "broker-key.pem": 16 * 1024,
  "enrolment-code": 256,
  "data-key": 1024,
  digests: 4096,
} as const;
export type MemberName = keyof typeof MEMBERS;
export const MEMBER_NAMES = Object.keys(MEMBERS) as MemberName[];

/** What the archive itself needs: its version first, the digests of all before them last. */
type OwnName = "version" | "digests";
export type PersonalName = Exclude<MemberName, OwnName>;

export const VERSION = "fulltrace-personal 1\n";

/** Contents by their names; those that are not given stay as the image has them. */
export type PersonalFiles = ReadonlyMap<PersonalName, Buffer>;
