/** Command lines that work as they stand, for the help of each command. */
export const gapExamples = {
  "gap account": [
    "fulltrace gap account --wearer 110042 --from 2026-03-02T08:00+08:00 --to 2026-03-02T17:30+08:00 --data /var/lib/fulltrace",
    "fulltrace gap account --activity 0193a5f2 --data /var/lib/fulltrace --data /srv/receiver",
  ],
} satisfies Record<string, readonly string[]>;
