/** Command lines that work as they stand, for the help of each command. */
export const uploadExamples = {
  "sync queue": ["fulltrace sync queue --data /var/lib/fulltrace"],
  "sync now": ["fulltrace sync now --minutes 30 --data /var/lib/fulltrace"],
  "sync pause": ["fulltrace sync pause --minutes 20 --data /var/lib/fulltrace"],
  "sync resume": ["fulltrace sync resume --data /var/lib/fulltrace"],
  "sync first": ["fulltrace sync first 7b1c --data /var/lib/fulltrace"],
} satisfies Record<string, readonly string[]>;
