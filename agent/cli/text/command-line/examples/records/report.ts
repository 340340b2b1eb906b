/** Command lines that work as they stand, for the help of each command. */
export const reportExamples = {
  report: [
    "fulltrace report --period 2026-10 --config /etc/fulltrace.toml --format html --out october.html",
    "fulltrace report --period 2026-W40 --data /var/lib/fulltrace --officer 110042",
    "fulltrace report --period 2026-10-01..2026-10-15 --data /srv/fulltrace --zone Asia/Shanghai --format csv --bom --out half.csv",
  ],
} satisfies Record<string, readonly string[]>;
