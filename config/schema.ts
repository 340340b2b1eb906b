import * as v from "valibot";
import { table } from "./fields.ts";
import { audio, camera, recording } from "./tables/camera.ts";
import { common, device } from "./tables/common.ts";
import { badgeReader, dock } from "./tables/dock.ts";
import { docking } from "./tables/docking.ts";
import { disk, ledger, records, seal } from "./tables/keeping.ts";
import { receiver } from "./tables/receiver.ts";
import { report } from "./tables/report.ts";
import { board, gnss } from "./tables/serial.ts";
import { share } from "./tables/share.ts";
import { broker, deviceSync, receiverSync } from "./tables/sync.ts";
import { update } from "./tables/update.ts";

/**
 * The one schema of a configuration file: three roles, and their tables with bounds and defaults from `tables/`.
 * Keys are snake_case in the file and carry their unit; `docs/configuration.md` explains each.
 */

/** The schema of one file; `baseDir` is where its relative paths start. */
export function configSchema(baseDir: string) {
  return {
    recorder: table({
      role: v.literal("recorder"),
      ...common(baseDir),
      device: device(),
      camera: camera(baseDir),
      audio: v.optional(audio(), {}),
      recording: v.optional(recording(), {}),
      board: v.exactOptional(board(baseDir)),
      gnss: v.exactOptional(gnss(baseDir)),
      docking: v.exactOptional(docking()),
      ledger: v.optional(ledger(), {}),
      seal: v.optional(seal(), {}),
      disk: v.optional(disk(), {}),
      records: v.optional(records(baseDir), {}),
      sync: v.exactOptional(deviceSync(baseDir)),
      update: v.optional(update(baseDir), {}),
    }),
    dock: table({
      role: v.literal("dock"),
      ...common(baseDir),
      device: device(),
      dock: v.optional(dock(baseDir), {}),
      badge_reader: v.exactOptional(badgeReader(baseDir)),
      ledger: v.optional(ledger(), {}),
      seal: v.optional(seal(), {}),
      disk: v.optional(disk(), {}),
      records: v.optional(records(baseDir), {}),
      sync: v.exactOptional(deviceSync(baseDir)),
      share: v.exactOptional(share(baseDir)),
      broker: v.exactOptional(broker(baseDir)),
      report: v.exactOptional(report()),
    }),
    receiver: table({
      role: v.literal("receiver"),
      ...common(baseDir),
      receiver: receiver(baseDir),
      sync: receiverSync(baseDir),
      share: v.exactOptional(share(baseDir)),
      broker: v.exactOptional(broker(baseDir)),
      report: v.exactOptional(report()),
    }),
  };
}

type CamelKey<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelKey<Tail>>}`
  : Key;

/** The same value with the keys as the program spells them: `chunk_ms` → `chunkMs`. */
export type Camel<Value> = Value extends readonly (infer Item)[]
  ? Camel<Item>[]
  : Value extends object
    ? { [Key in keyof Value as CamelKey<Key & string>]: Camel<Value[Key]> }
    : Value;

type Schemas = ReturnType<typeof configSchema>;
export type Role = keyof Schemas;
export type RecorderConfig = Camel<v.InferOutput<Schemas["recorder"]>>;
export type DockConfig = Camel<v.InferOutput<Schemas["dock"]>>;
/** Of a device that keeps a ledger of its own. */
export type DeviceConfig = RecorderConfig | DockConfig;
export type ReceiverConfig = Camel<v.InferOutput<Schemas["receiver"]>>;
export type ShareConfig = NonNullable<ReceiverConfig["share"]>;
/** A checked configuration: defaults filled in, paths absolute, discriminated by `role`. */
export type Config = RecorderConfig | DockConfig | ReceiverConfig;
