/** Command lines that work as they stand, for the help of each command. */
export const templateExamples = {
  "template list": ["fulltrace template list --config /etc/fulltrace.toml"],
  "template show": ["fulltrace template show seizure"],
  "template check": ["fulltrace template check /etc/fulltrace/templates/night-market.toml"],
} satisfies Record<string, readonly string[]>;
