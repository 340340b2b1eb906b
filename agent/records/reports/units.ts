/** Who belongs to which unit, as `[[report.unit]]` says. */
export interface UnitTable {
  name: string;
  devices: readonly string[];
  officers: readonly string[];
}

/** Finds the unit of what a ledger tells. */
export class Units {
  readonly #ofDevice: ReadonlyMap<string, string>;
  readonly #ofOfficer: ReadonlyMap<string, string>;

  constructor(units: readonly UnitTable[]) {
    this.#ofDevice = new Map(units.flatMap(({ name, devices }) => devices.map((dev) => [dev, name])));
    this.#ofOfficer = new Map(units.flatMap(({ name, officers }) => officers.map((id) => [id, name])));
  }

  ofDevice(dev: string): string | null {
    return this.#ofDevice.get(dev) ?? null;
  }

  /** The officer's own unit; the device's where nobody is named, or the officer is in none. */
  of(dev: string, officer: string | null): string | null {
    const own = officer === null ? undefined : this.#ofOfficer.get(officer);
    return own ?? this.ofDevice(dev);
  }

  /** Every unit that takes part, the device's where none of the officers is in one. */
  ofAll(dev: string, officers: readonly string[]): (string | null)[] {
    const own = new Set(officers.flatMap((id) => this.#ofOfficer.get(id) ?? []));
    return own.size > 0 ? [...own] : [this.ofDevice(dev)];
  }
}
