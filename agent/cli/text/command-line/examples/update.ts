/** Examples of `update`. */
export const updateExamples = {
  "update status": ["fulltrace update status --data /var/lib/fulltrace"],
  "update install": ["fulltrace update install fulltrace-recorder-armhf.raucb --data /var/lib/fulltrace"],
} satisfies Record<string, readonly string[]>;
