/** Examples of `update`. */
export const updateExamples = {
  "update status": ["fulltrace update status --data /var/lib/fulltrace"],
  "update check": ["fulltrace update check fulltrace-recorder-armhf.raucb --keyring office-ca.pem"],
  "update stage": [
    "fulltrace update stage fulltrace-recorder-armhf.raucb --order spring.json --data /var/lib/fulltrace",
  ],
  "update order": [
    "fulltrace update order fulltrace-recorder-armhf.raucb --key orders.key --days 30 > spring.json",
  ],
  "update install": ["fulltrace update install fulltrace-recorder-armhf.raucb --data /var/lib/fulltrace"],
} satisfies Record<string, readonly string[]>;
