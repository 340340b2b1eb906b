import { run } from "../../../package/run.ts";

export interface Partition {
  at: number;
  bytes: number;
}

/** The partitions of a card by their names. */
export async function partitionsOf(card: string): Promise<Record<string, Partition>> {
  const { partitiontable } = JSON.parse(await run("sfdisk", ["--json", card])) as {
    partitiontable: { partitions: { name: string; start: number; size: number }[] };
  };
  const told = partitiontable.partitions.map(({ name, start, size }): [string, Partition] => [
    name,
    { at: start * 512, bytes: size * 512 },
  ]);
  return Object.fromEntries(told);
}
