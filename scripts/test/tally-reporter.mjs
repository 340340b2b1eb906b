/**
 * A node:test reporter that counts instead of narrating: writes one JSON object when the run is over,
 * `{ran, failed, skipped: [{name, reason?}], todo: [name], empty: [file]}`.
 * `empty` are files that held no test at all, which node reports as passed.
 */
// biome-ignore lint/style/noDefaultExport: what node:test asks of a reporter
export default async function* tally(events) {
  const counted = { ran: 0, failed: 0, skipped: [], todo: [], empty: [] };
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.details?.type === "suite") continue;
    if (data.name === data.file) {
      if (type === "test:pass") counted.empty.push(data.file);
      else counted.failed++;
    } else if (data.skip !== undefined) {
      counted.skipped.push(
        typeof data.skip === "string" ? { name: data.name, reason: data.skip } : { name: data.name },
      );
    } else if (data.todo !== undefined) {
      counted.todo.push(data.name);
    } else {
      counted.ran++;
      if (type === "test:fail") counted.failed++;
    }
  }
  yield JSON.stringify(counted);
}
