export const dockExamples = {
  "dock bays": ["fulltrace dock bays --config /etc/fulltrace.toml"],
  "dock show": [
    "fulltrace dock show 3 --config /etc/fulltrace.toml",
    "fulltrace dock show A000001 --data /var/lib/fulltrace --json",
  ],
  "dock first": [
    "fulltrace dock first A000001 --config /etc/fulltrace.toml",
    'fulltrace dock first 3 "DCIM/20260102_101500.MP4" --config /etc/fulltrace.toml',
  ],
  "dock wipe": ["fulltrace dock wipe 3 --config /etc/fulltrace.toml"],
  "dock wearer": ["fulltrace dock wearer 3 110042 --config /etc/fulltrace.toml"],
  "dock hand-out": ["fulltrace dock hand-out 3 110042 --config /etc/fulltrace.toml"],
} satisfies Record<string, readonly string[]>;
