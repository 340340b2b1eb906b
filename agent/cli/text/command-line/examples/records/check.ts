/** Command lines that work as they stand, for the help of each command. */
export const checkExamples = {
  "check draw": [
    "fulltrace check draw --period 2026-03-01T00:00+08:00..2026-04-01T00:00+08:00 --rate 5% --at-least 10 --by 110007 --data /var/lib/fulltrace",
  ],
  "check list": ["fulltrace check list --data /var/lib/fulltrace"],
  "check show": ["fulltrace check show 4f2a --data /var/lib/fulltrace"],
  "check result": [
    'fulltrace check result 4f2a 7b1c --finding defect --defect muted --text "No reason given" --by 110007 --data /var/lib/fulltrace',
  ],
  "check verify": ["fulltrace check verify 4f2a --trust trust.toml --data /srv/receiver/devices/0f3c"],
} satisfies Record<string, readonly string[]>;
