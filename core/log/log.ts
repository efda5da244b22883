import { pino, stdSerializers, type Logger as PinoLogger } from 'pino';

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
    serializers: { err: withoutStatement },
    redact: { paths: private_.flatMap((key) => [key, `*.${key}`]), censor: '[private]' },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Errors of database drivers may carry the statement with its values. */
function withoutStatement(error: Error): object {
  const shown: Record<string, unknown> = { ...stdSerializers.err(error) };
  for (const key of ['sql', 'bindings', 'parameters']) delete shown[key];
  return shown;
}
