export const simulateExamples = {
  "simulate board": ["fulltrace simulate board --link /tmp/board"],
  "simulate gnss": ["fulltrace simulate gnss --link /tmp/gnss"],
  "simulate recorder": [
    "fulltrace simulate recorder --make mtp --hub /tmp/hub --port 1-1.1 --card /tmp/card --clock-off 90",
  ],
  "simulate dock": ["fulltrace simulate dock --hub /tmp/hub --recorders 20 --files 5"],
} satisfies Record<string, readonly string[]>;
