/** Examples of the probes. */
export const probeExamples = {
  "usb list": ["fulltrace usb list", "fulltrace usb list --config /etc/fulltrace/dock.toml"],
  "usb probe": ["fulltrace usb probe 1-1.4 --config /etc/fulltrace/dock.toml"],
  "usb watch": ["fulltrace usb watch", "fulltrace usb watch --json --for-s 60"],
  "serial list": ["fulltrace serial list --config /etc/fulltrace/recorder.toml"],
  "serial monitor": [
    "fulltrace serial monitor /dev/serial/by-id/usb-u-blox_GNSS-if00 --baud 9600 --as nmea",
    "fulltrace serial monitor /dev/ttyS2",
  ],
  "serial ping": ["fulltrace serial ping /dev/ttyS2 --count 100"],
  "serial loopback": ["fulltrace serial loopback /dev/ttyUSB0 --baud 921600 --bytes 100000"],
  "camera list": ["fulltrace camera list --config /etc/fulltrace/recorder.toml"],
  "camera formats": ["fulltrace camera formats /dev/video0"],
  "camera test": [
    "fulltrace camera test --config /etc/fulltrace/recorder.toml",
    "fulltrace camera test --camera /dev/video0 --microphone hw:1,0 --still picture.jpg",
  ],
  "broker test": ["fulltrace broker test --config /etc/fulltrace/recorder.toml"],
  "log tail": [
    "fulltrace log tail /var/log/fulltrace.log --level warn --since 2h",
    "fulltrace log tail agent.log --follow --field bay=3",
    "fulltrace log tail --event docked --json",
  ],
} satisfies Record<string, readonly string[]>;
