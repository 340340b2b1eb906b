import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { FINGERPRINTS, type Fingerprint, findDriver, USB_CLASS } from "../../../drivers/usb/fingerprints.ts";
import type { UsbDevice, UsbInterface } from "../../../drivers/usb/usb-link.ts";
import { REPOSITORY } from "../../support/repository.ts";

const MTP = one(6, 1, 1);
const DISK = one(8, 6, 0x50);
const KEYBOARD = one(3, 1, 1);
const SERIAL = one(2, 2, 1);
const JIELI = "DV16    DEVICE V1.00    1.00";

describe("a fingerprint", () => {
  it("names the driver, the interface and the family", async () => {
    assert.deepEqual(await found([SERIAL, { ...MTP, number: 1 }]), "mtp 1 MTP");
    assert.deepEqual(await found([{ ...one(0xff, 0xff, 0), name: "MTP" }]), "mtp 0 MTP");
    assert.deepEqual(
      await found([DISK], { inquiry: "Kingston Traveler        1.0" }),
      "mass-storage 0 USB disk",
    );
    assert.deepEqual(await found([one(8, 6, 0x62)]), "mass-storage 0 USB disk (UAS)");
    const ours = { manufacturer: "fulltrace", product: "fulltrace recorder R1" };
    assert.deepEqual(await found([one(2, 13, 0)], { ours }), "fulltrace 0 fulltrace");
    // controls: the same look without what tells them
    assert.deepEqual(await found([{ ...one(0xff, 0xff, 0), name: "ADB" }]), "other");
    assert.deepEqual(await found([one(2, 13, 0)]), "other");
    assert.deepEqual(await found([SERIAL]), "other");
  });

  it("takes a disk for a GA/T 947 recorder by its INQUIRY alone, wherever the fields are cut", async () => {
    for (const inquiry of [JIELI, "DV16 DEVICE V1.00", "DV16 DEV ICE V1.00      "])
      assert.equal(await found([DISK], { inquiry }), "gat947-jieli 0 JieLi DV16");
    assert.equal(await found([DISK], { inquiry: "DV17 DEVICE V1.00" }), "mass-storage 0 USB disk");
    assert.equal(await found([DISK], { inquiry: null }), "mass-storage 0 USB disk");
  });

  it("asks a device only where descriptors do not tell, and each interface once", async () => {
    const asked: number[] = [];
    const probe = async (number: number): Promise<null> => {
      asked.push(number);
      return null;
    };
    await findDriver(device([MTP]), probe);
    await findDriver(device([MTP, DISK]), probe);
    assert.deepEqual(asked, []);
    await findDriver(device([SERIAL, { ...DISK, number: 7 }]), probe);
    assert.deepEqual(asked, [7]);
  });

  it("refuses a keyboard, whatever else it claims to be", async () => {
    for (const claim of [MTP, DISK, SERIAL]) {
      assert.equal(await found([claim, KEYBOARD]), "refused: input-device");
      assert.equal(await found([KEYBOARD, claim]), "refused: input-device");
    }
    // a human interface without the boot protocol types as well
    assert.equal(await found([MTP, one(3, 0, 0)]), "refused: input-device");
    assert.equal(await found(Array.from({ length: 17 }, () => MTP)), "refused: too-many-interfaces");
  });

  it("comes to an end with any device", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }))),
        fc.string({ maxLength: 40 }),
        async (interfaces, inquiry) => {
          const shape = interfaces.map(([kind, subclass]) => one(kind, subclass, subclass));
          assert.match(await found(shape, { inquiry }), /^(\S+ \d+ .+|refused: .+|other)$/);
        },
      ),
      { numRuns: 300 },
    ));
});

describe("the udev rules of a dock", () => {
  it("open every class of the table, and no other", async () => {
    const rules = await readRules();
    const opened = rules.devices.filter((rule) => rule.includes('GROUP="fulltrace"')).flatMap(patternsOf);
    const wanted = overUsb().map(patternOf);
    assert.deepEqual(opened.toSorted(), [...new Set(wanted)].toSorted());
    // control: a class that no row has
    assert.ok(!opened.includes(patternOf({ class: 2, subclass: 2, protocol: 1 })));
  });

  it("keep every disk of the table from being mounted by others", async () => {
    const kept = (await readRules()).blocks
      .filter((rule) => rule.includes('UDISKS_IGNORE}="1"') && rule.includes('GROUP="fulltrace"'))
      .flatMap(patternsOf);
    const disks = overUsb().filter((row) => row.class === USB_CLASS.massStorage);
    assert.deepEqual(kept.toSorted(), [...new Set(disks.map(patternOf))].toSorted());
  });

  it("keep MTP devices from a desktop", async () => {
    const mtp = (await readRules()).devices.filter((rule) => /060101|ff\?\?\?\?/.test(rule));
    assert.equal(mtp.length, 2);
    for (const rule of mtp) assert.match(rule, /UDISKS_IGNORE\}="1"/);
  });

  it("let go of a human interface beside what a recorder has", async () => {
    const refused = (await readRules()).devices.filter((rule) => rule.includes('ATTR{authorized}="0"'));
    assert.deepEqual(refused.flatMap(patternsOf).toSorted(), ["03????", "03????", "06????", "08????"]);
  });
});

/** Rows that are opened or mounted through USB; our own recorders come over the network. */
function overUsb(): Fingerprint["interface"][] {
  return FINGERPRINTS.filter((row) => row.driver !== "fulltrace").map((row) => row.interface);
}

/** As usb_id writes an interface: class, subclass, protocol in hex. */
function patternOf(given: Fingerprint["interface"]): string {
  const hex = (value: number | undefined): string => value?.toString(16).padStart(2, "0") ?? "??";
  return hex(given.class) + hex(given.subclass) + hex(given.protocol);
}

function patternsOf(rule: string): string[] {
  return [...rule.matchAll(/\*:([0-9a-f?]{6}):\*/g)].map((match) => match[1] ?? "");
}

async function readRules(): Promise<{ devices: string[]; blocks: string[] }> {
  const text = await readFile(join(REPOSITORY, "config/udev/70-fulltrace-dock.rules"), "utf8");
  const rules = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  // every line is made of KEY, operator and text in quotes
  for (const rule of rules) assert.match(rule, /^([A-Z]+(\{[\w-]+\})?(==|!=|=)"[^"]*"(, |$))+$/, rule);
  const label = rules.indexOf('LABEL="fulltrace_block"');
  assert.ok(label > 0);
  return { devices: rules.slice(0, label), blocks: rules.slice(label) };
}

function one(kind: number, subclass: number, protocol: number): UsbInterface {
  return { number: 0, class: kind, subclass, protocol, endpoints: [] };
}

function device(interfaces: UsbInterface[], strings: Partial<UsbDevice> = {}): UsbDevice {
  return { port: "1-1", insertion: 1, vendorId: 1, productId: 2, deviceClass: 0, interfaces, ...strings };
}

async function found(
  interfaces: UsbInterface[],
  { inquiry = null, ours = {} }: { inquiry?: string | null; ours?: Partial<UsbDevice> } = {},
): Promise<string> {
  const finding = await findDriver(device(interfaces, ours), async () => inquiry);
  switch (finding.kind) {
    case "recorder":
      return `${finding.driver} ${finding.interfaceNumber} ${finding.family}`;
    case "refused":
      return `refused: ${finding.reason}`;
    case "unreadable":
      return `unreadable: ${finding.code}`;
    case "other":
      return "other";
  }
}
