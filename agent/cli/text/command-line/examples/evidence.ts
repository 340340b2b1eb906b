export const evidenceExamples = {
  "key init": ["fulltrace key init --config /etc/fulltrace.toml"],
  "key show": ["fulltrace key show --config /etc/fulltrace.toml"],
  doctor: [
    "fulltrace doctor --config /etc/fulltrace.toml",
    "fulltrace doctor --config /etc/fulltrace.toml --fix --bundle /tmp/support.tar.gz",
  ],
  verify: [
    "fulltrace verify /media/court/ledger --trust trust.toml",
    "fulltrace verify /media/court/ledger --trust trust.toml --note checkpoint.txt --allow-purged --json",
  ],
  "recording list": [
    "fulltrace recording list /var/lib/fulltrace",
    "fulltrace recording list --config /etc/fulltrace.toml --json",
  ],
  "recording save": ["fulltrace recording save 7b1c2d4e /tmp/7b1c.mp4 --data /var/lib/fulltrace"],
} satisfies Record<string, readonly string[]>;
