import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** The bytes of a file on a simulated card. */
export interface CardContent {
  bytes: number;
  read(offset: number, length: number): Uint8Array;
  /** Takes the file away where it lies; absent: nowhere. */
  erase?: () => void;
}

export interface CardObject {
  name: string;
  /** 0: the root. */
  parent: number;
  /** Null: a folder. */
  content: CardContent | null;
  modifiedMs: number;
}

export function inMemory(bytes: Uint8Array): CardContent {
  return {
    bytes: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** The card of a simulated recorder: numbered objects in folders. Numbers are never used twice. */
export class SimulatedCard {
  readonly objects = new Map<number, CardObject>();
  #nextHandle = 1;

  /** Every file and folder below `root`, as they are now. */
  static ofFolder(root: string): SimulatedCard {
    const card = new SimulatedCard();
    const addAll = (folder: string, parent: number) => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        const modifiedMs = Math.floor(statSync(path).mtimeMs);
        if (entry.isDirectory()) addAll(path, card.add(entry.name, parent, null, modifiedMs));
        else if (entry.isFile()) card.add(entry.name, parent, onDisk(path), modifiedMs);
      }
    };
    addAll(root, 0);
    return card;
  }

  add(name: string, parent: number, content: CardContent | null, modifiedMs: number): number {
    const handle = this.#nextHandle++;
    this.objects.set(handle, { name, parent, content, modifiedMs });
    return handle;
  }

  /** Puts a file at `path`, its folders included; a file that lies there is taken away before. */
  put(path: string, content: CardContent, modifiedMs: number): number {
    const steps = path.split("/");
    const name = steps.pop() as string;
    let parent = 0;
    for (const step of steps) parent = this.#child(parent, step) ?? this.add(step, parent, null, modifiedMs);
    const old = this.#child(parent, name);
    if (old !== null) this.objects.delete(old);
    return this.add(name, parent, content, modifiedMs);
  }

  /** Null: nothing lies there. */
  at(path: string): CardObject | null {
    let handle = 0;
    for (const step of path.split("/")) {
      const child = this.#child(handle, step);
      if (child === null) return null;
      handle = child;
    }
    return this.objects.get(handle) ?? null;
  }

  handlesIn(parent: number): number[] {
    return [...this.objects].filter(([, object]) => object.parent === parent).map(([handle]) => handle);
  }

  #child(parent: number, name: string): number | null {
    for (const [handle, object] of this.objects) {
      if (object.parent === parent && object.name === name) return handle;
    }
    return null;
  }
}

function onDisk(path: string): CardContent {
  return {
    bytes: statSync(path).size,
    read: (offset, length) => {
      const file = openSync(path, "r");
      try {
        const bytes = Buffer.allocUnsafe(length);
        return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
      } finally {
        closeSync(file);
      }
    },
    erase: () => rmSync(path),
  };
}
