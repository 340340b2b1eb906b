/** What a receiver needs to know: plain data, since most of it crosses into its writer thread. */
export interface ReceiverOptions {
  /** Holds `devices/<dev>/`, `keys/witness.key`, `keys/custody.key` and the lock. */
  dataDir: string;
  /** The keys sign as `<name>/custody` and `<name>/witness`. */
  name: string;
  /** Vkeys of the devices that are served; anyone else is told so and nothing is stored. */
  devices: readonly string[];
  /** Vkeys of other witnesses whose cosignatures are kept. */
  otherWitnesses: readonly string[];
  shard: string;
  /** Folder of the orders that it hands to devices; absent: none. */
  orders?: string;
  /** At the broker; one live receiver a shard. */
  clientId: string;
  limits: ReceiverLimits;
}

export interface ReceiverLimits {
  /** Databases open at one time. */
  openDatabases: number;
  /** The most credit that one device gets. */
  creditBytes: number;
  /** Bytes of all devices together that wait in memory to be stored. */
  queuedBytes: number;
  /** Nothing is taken that would leave fewer bytes than this free. */
  keepFreeBytes: number;
}

/** Options of the writer thread. */
export type StoreOptions = Pick<ReceiverOptions, "dataDir" | "name" | "devices" | "otherWitnesses"> & {
  limits: Pick<ReceiverLimits, "openDatabases" | "keepFreeBytes">;
};
