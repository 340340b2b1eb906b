import { createHash } from "node:crypto";
import { AgentError } from "../../../config/base/errors.ts";
import {
  MEMBER_NAMES,
  MEMBERS,
  type MemberName,
  type PersonalFiles,
  type PersonalName,
  VERSION,
} from "./members.ts";

/** POSIX.1-1988 ustar, of which every byte is fixed by names and contents: whatever differs is damage. */
const RECORD = 512;

/**
 * The archive of a card's personal part, as plain `tar` lists and unpacks it: `version`, the files in the order of
 * `MEMBERS`, `digests` (lines of sha256sum for all of them), and two empty records. Throws `personal-unfit` for a
 * content over its bound.
 */
export function packPersonal(files: PersonalFiles): Buffer {
  const members: [MemberName, Buffer][] = [["version", Buffer.from(VERSION)]];
  for (const name of MEMBER_NAMES) {
    const content = files.get(name as PersonalName);
    if (content !== undefined) members.push([name, content]);
  }
  members.push(["digests", Buffer.from(members.map(digestLine).join(""))]);
  for (const [name, content] of members) {
    if (content.length > MEMBERS[name])
      throw new AgentError("personal-unfit", `${name}: ${content.length} bytes, at most ${MEMBERS[name]}`);
  }
  return Buffer.concat([
    ...members.flatMap(([name, content]) => recordsOf(name, content)),
    Buffer.alloc(2 * RECORD),
  ]);
}

/**
 * Reads what a region holds: the archive from its first byte on, and nothing but zeros behind it. Null: the region
 * is blank, all zeros. Throws `personal-damaged` with the byte for everything else.
 */
export function unpackPersonal(region: Buffer): PersonalFiles | null {
  if (isBlank(region)) return null;
  const files = new Map<MemberName, Buffer>();
  let at = 0;
  let lines = "";
  for (let before = -1; !files.has("digests"); ) {
    const member = memberAt(region, at);
    const order = member === null ? -1 : MEMBER_NAMES.indexOf(member.name);
    if (member === null || order <= before || (before < 0 && member.name !== "version")) throw damaged(at);
    if (member.name === "digests" && member.content.toString("latin1") !== lines) throw damaged(at);
    lines += digestLine([member.name, member.content]);
    files.set(member.name, member.content);
    before = order;
    at += member.bytes;
  }
  if (region.length < at + 2 * RECORD || !isBlank(region.subarray(at))) throw damaged(at);
  if (files.get("version")?.toString("latin1") !== VERSION) throw damaged(0);
  files.delete("version");
  files.delete("digests");
  return files as PersonalFiles;
}

export function isBlank(region: Uint8Array): boolean {
  return region.every((byte) => byte === 0);
}

function damaged(at: number): AgentError {
  return new AgentError("personal-damaged", `byte ${at} of the personal part`);
}

function digestLine([name, content]: readonly [string, Buffer]): string {
  return `${createHash("sha256").update(content).digest("hex")}  ${name}\n`;
}

function recordsOf(name: string, content: Buffer): Buffer[] {
  return [header(name, content.length), content, Buffer.alloc(-content.length & (RECORD - 1))];
}

/** null: no record of ours begins there. */
function memberAt(region: Buffer, at: number): { name: MemberName; content: Buffer; bytes: number } | null {
  const record = region.subarray(at, at + RECORD);
  const [name = ""] = record.toString("latin1", 0, 100).split("\0");
  const length = Number.parseInt(record.toString("latin1", 124, 135), 8);
  if (!isMember(name) || !(length <= MEMBERS[name]) || !header(name, length).equals(record)) return null;
  const end = at + RECORD + length;
  const bytes = RECORD + length + (-length & (RECORD - 1));
  if (at + bytes > region.length || !isBlank(region.subarray(end, at + bytes))) return null;
  return { name, content: Buffer.from(region.subarray(at + RECORD, end)), bytes };
}

function isMember(name: string): name is MemberName {
  return Object.hasOwn(MEMBERS, name);
}

/** Of a plain file of root's, mode 0600, from 1970. */
function header(name: string, length: number): Buffer {
  const record = Buffer.alloc(RECORD);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  record.write(name, 0, "latin1");
  record.write(`${octal(0o600, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, "latin1");
  record.write(`${octal(length, 11)}\0${octal(0, 11)}\0        0`, 124, "latin1");
  record.write("ustar\u000000root", 257, "latin1");
  record.write("root", 297, "latin1");
  const sum = record.reduce((total, byte) => total + byte, 0);
  record.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return record;
}
