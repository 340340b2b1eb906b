/** Smallest configurations that load, and one-line changes to them. */

export const recorder = `
role = "recorder"
data_dir = "data"
[device]
model = "BWC-1"
serial = "7"
[camera]
source = "testsrc"
`;

export const dock = `
role = "dock"
data_dir = "data"
[device]
model = "DOCK-8"
serial = "8"
`;

export const receiver = `
role = "receiver"
data_dir = "data"
[receiver]
name = "district.example"
[sync]
url = "mqtt://127.0.0.1:1883"
`;

/** `base` with one line replaced: the control of a refusal is `base` itself. */
export function withLine(base: string, from: string, to: string): string {
  if (!base.includes(from)) throw new Error(`no line ${from}`);
  return base.replace(from, to);
}
