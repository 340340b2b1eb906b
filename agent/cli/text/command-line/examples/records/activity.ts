/** Command lines that work as they stand, for the help of each command. */
export const activityExamples = {
  "activity open": [
    'fulltrace activity open --config /etc/fulltrace.toml --kind inspection --title "Night market, north gate" --officer 110042',
  ],
  "activity list": ["fulltrace activity list --data /var/lib/fulltrace --limit 10"],
  "activity show": ["fulltrace activity show 0193a5f2 --data /var/lib/fulltrace"],
  "activity note": [
    'fulltrace activity note 0193a5f2 "The stall was removed by its owner." --stage execution --by 110042 --data /var/lib/fulltrace',
  ],
  "activity attach": [
    "fulltrace activity attach 0193a5f2 minutes.pdf --stage closing --answers minutes --data /var/lib/fulltrace",
  ],
  "activity link": [
    "fulltrace activity link 0193a5f2 7b1c --stage inspection --overlap --data /var/lib/fulltrace",
  ],
  "activity unlink": [
    'fulltrace activity unlink 0193a5f2 7b1c "Another street" --by 110042 --data /var/lib/fulltrace',
  ],
  "activity dispute": [
    'fulltrace activity dispute 0193a5f2 "The owner says that the sign is his neighbour\'s." --data /var/lib/fulltrace',
  ],
  "activity check": ["fulltrace activity check 0193a5f2 --data /var/lib/fulltrace"],
  "activity close": [
    'fulltrace activity close 0193a5f2 "Removed voluntarily" --reason "No picture: it rained" --data /var/lib/fulltrace',
  ],
} satisfies Record<string, readonly string[]>;
