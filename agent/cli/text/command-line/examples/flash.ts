/** Examples of `flash`. */
export const flashExamples = {
  "flash list": ["fulltrace flash list", "fulltrace flash list --json"],
  "flash write": [
    "fulltrace flash write fulltrace-recorder-armhf.img.zst /dev/sdb",
    "fulltrace flash write recorder.img /dev/sdb --serial A000123 --config recorder.toml --enrol 7K2M-Q4XR-91",
  ],
  "flash verify": ["fulltrace flash verify fulltrace-recorder-armhf.img.zst /dev/sdb"],
  "flash adopt": ["fulltrace flash adopt /dev/disk/by-partlabel/personal"],
  "flash enrolment": ["fulltrace flash enrolment enrolment-request.json --code 7K2M-Q4XR-91"],
} satisfies Record<string, readonly string[]>;
