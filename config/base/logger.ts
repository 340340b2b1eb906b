import { type Logger as PinoLogger, pino, stdTimeFunctions } from "pino";

export type Logger = PinoLogger;

/**
 * JSON lines on stderr, written synchronously: a transport lost 20 of 1,000 lines at SIGKILL,
 * and the last lines before a crash are the ones that matter.
 * Keys that could carry a secret, a position or the text of a document are censored.
 */
export function createLogger(level: string, name: string): Logger {
  return pino(
    {
      name,
      level,
      timestamp: stdTimeFunctions.isoTime,
      redact: {
        paths: [
          "password",
          "*.password",
          "secret",
          "*.secret",
          "text",
          "*.text",
          "gnss",
          "*.gnss",
          "title",
          "*.title",
        ],
        censor: "[kept back]",
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
