/** Command lines that work as they stand, for the help of each command. */
export const shareExamples = {
  "share export": [
    "fulltrace share export 0193a5f2 ./case-118 --data /var/lib/fulltrace --with-recordings",
    "fulltrace share export 0193a5f2 ./case-118 --config /etc/fulltrace.toml --dev 4c1f0e6d2b7a98533f1d0c2e4b6a8790",
  ],
  "share verify": ["fulltrace share verify ./case-118 --trust trust.toml"],
} satisfies Record<string, readonly string[]>;
