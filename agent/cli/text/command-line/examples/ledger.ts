/** Command lines that work as they stand, for the help of each command. */
export const ledgerExamples = {
  "ledger list": [
    "fulltrace ledger list --data /var/lib/fulltrace --type recording.start --since 2026-01-02",
    "fulltrace ledger list --data /var/lib/fulltrace --before 4700 --limit 20",
  ],
  "ledger show": ["fulltrace ledger show 4711 --data /var/lib/fulltrace"],
  "ledger tail": ["fulltrace ledger tail -f --data /var/lib/fulltrace"],
  "ledger stats": ["fulltrace ledger stats --data /var/lib/fulltrace"],
  "ledger proof": ["fulltrace ledger proof 4711 entry-4711.tlog-proof --data /var/lib/fulltrace"],
  "media check": ["fulltrace media check --full --data /var/lib/fulltrace"],
} satisfies Record<string, readonly string[]>;
