import { pino, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

/** Field names that may carry a person's name or number, or a secret: never written, wherever they appear. */
const private_ = [
  'name',
  'e164',
  'phone',
  'number',
  'email',
  'address',
  'password',
  'secret',
  'token',
  'text',
];

/** Structured log to stdout. Messages carry ids, never a customer's name or number. */
export function createLog(level: string, destination?: NodeJS.WritableStream): Logger {
  const options = {
    level,
    base: undefined,
    redact: { paths: private_.flatMap((key) => [key, `*.${key}`]), censor: '[private]' },
  };
  return destination ? pino(options, destination) : pino(options);
}
