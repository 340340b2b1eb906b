export const liveExamples = {
  run: ["fulltrace run --config /etc/fulltrace.toml"],
  status: [
    "fulltrace status --config /etc/fulltrace.toml",
    "fulltrace status --data /var/lib/fulltrace --json",
    "fulltrace status --watch --config /etc/fulltrace.toml",
  ],
  "record start": [
    "fulltrace record start --trigger inspection --wearer 110042 --config /etc/fulltrace.toml",
    "fulltrace record start --activity 4f2a1c00-0000-4000-8000-000000000001 --stage investigation --config /etc/fulltrace.toml",
  ],
  "record stop": ['fulltrace record stop --reason "end of the inspection" --config /etc/fulltrace.toml'],
  "record mark": ["fulltrace record mark important --by 110042 --config /etc/fulltrace.toml"],
  "record photo": ["fulltrace record photo --by 110042 --config /etc/fulltrace.toml"],
  "record mute": ["fulltrace record mute --config /etc/fulltrace.toml"],
  "record unmute": ["fulltrace record unmute --config /etc/fulltrace.toml"],
  "sync flush": ["fulltrace sync flush --timeout-s 300 --config /etc/fulltrace.toml"],
} satisfies Record<string, readonly string[]>;
