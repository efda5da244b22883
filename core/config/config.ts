import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { mariadbAddress } from '../database/mariadb-address.ts';
import { paths } from '../paths.ts';
import { loadSecrets, type Secrets } from './secrets.ts';

/** What the product must know before it has a database. Everything else is a setting with a page. */
export interface Config {
  readonly port: number;
  /** Address that the port is opened on; null: all of this machine. */
  readonly host: string | null;
  /** Absolute. SQLite file, recordings, uploads, secrets. */
  readonly dataDir: string;
  /** `sqlite:PATH`, `mysql://…` or `mariadb://…`. */
  readonly databaseUrl: string;
  /** Null: jobs and bus live in this process. */
  readonly redisUrl: string | null;
  /** Null: the carrier simulator takes the place of a switch. */
  readonly asterisk: { readonly url: string; readonly user: string; readonly password: string } | null;
  /** Names this dialer, where there are several; the same after each restart. */
  readonly dialerId: string;
  /** Where browsers reach the product, without a slash at the end. */
  readonly publicUrl: string;
  readonly logLevel: string;
  readonly secrets: Secrets;
}

/** A setting is wrong or missing; the message is one line that names it. */
export class ConfigError extends Error {
  /** `EX_CONFIG` of sysexits(3). */
  static readonly exitCode = 78;
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

const address = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
  });

const isHostOnly = ({ pathname, search, hash, username, password }: URL): boolean =>
  pathname === '/' && search + hash + username + password === '';

const isEncoded = (text: string): boolean => {
  try {
    return decodeURIComponent(text) !== null;
  } catch {
    return false;
  }
};

const databaseUrl = z.string().refine(
  (text) => {
    if (text.startsWith('sqlite:')) return text.length > 'sqlite:'.length;
    if (!/^(mysql|mariadb):\/\//.test(text) || !URL.canParse(text)) return false;
    const { pathname, username, password } = new URL(text);
    return pathname.length > 1 && [pathname, username, password].every(isEncoded);
  },
  {
    error: 'must be sqlite:FILE, or mysql://USER:PASSWORD@HOST/DATABASE, with % in a password written as %25',
  },
);

/** What the address asks for can be had; otherwise why not. */
function databaseFault(url: string): string | null {
  if (url.startsWith('sqlite:')) return null;
  try {
    mariadbAddress(url);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const schema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, { error: 'must be a port number from 0 to 65535' })
    .transform(Number)
    .refine((port) => port <= 65_535, { error: 'must be a port number from 0 to 65535' })
    .default(3000),
  HOST: z
    .string()
    .refine((text) => isIP(text) > 0 || text === 'localhost', {
      error: 'must be an IP address of this machine, such as 127.0.0.1',
    })
    .optional(),
  DATA_DIR: z.string().default(join(paths.root, 'data')),
  DATABASE_URL: databaseUrl.optional(),
  REDIS_URL: address('redis:', 'rediss:').optional(),
  ASTERISK_URL: address('http:', 'https:').optional(),
  ASTERISK_USER: z.string().optional(),
  ASTERISK_PASSWORD: z.string().optional(),
  DIALER_ID: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/, {
      error: 'must be a short name of letters, digits and hyphens',
    })
    .default('main'),
  PUBLIC_URL: address('http:', 'https:')
    .refine((text) => !URL.canParse(text) || isHostOnly(new URL(text)), {
      error: 'must end with the host, or its port: the product has the whole of it and no folder',
    })
    .optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be trace, debug, info, warn, error, fatal or silent',
    })
    .default('info'),
});

const names = Object.keys(schema.shape);

/**
 * Reads settings from `env`, and what it leaves open from one file: `file`, or `ringwise.env` in the data folder.
 * Makes the data folder and the secrets in it when they are not there yet.
 * @throws ConfigError
 */
export function loadConfig(env: NodeJS.ProcessEnv, file?: string): Config {
  const fromEnv = pick(env);
  const dataDirOfEnv = resolve(fromEnv.DATA_DIR ?? schema.shape.DATA_DIR.parse(undefined));
  const settings = parse({ ...readFile(file, join(dataDirOfEnv, 'ringwise.env')), ...fromEnv });
  const fault = databaseFault(settings.DATABASE_URL ?? 'sqlite:');
  if (fault !== null) throw new ConfigError(`DATABASE_URL ${fault}`);
  const dataDir = resolve(settings.DATA_DIR);
  return {
    port: settings.PORT,
    host: settings.HOST ?? null,
    dataDir,
    databaseUrl: settings.DATABASE_URL ?? `sqlite:${join(dataDir, 'ringwise.sqlite')}`,
    redisUrl: settings.REDIS_URL ?? null,
    asterisk: asteriskOf(settings),
    dialerId: settings.DIALER_ID,
    publicUrl: (settings.PUBLIC_URL ?? `http://localhost:${settings.PORT}`).replace(/\/+$/, ''),
    logLevel: settings.LOG_LEVEL,
    secrets: secretsIn(dataDir),
  };
}

function parse(values: Record<string, string>): z.infer<typeof schema> {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const name = String(issue.path[0]);
  throw new ConfigError(`${name} ${issue.message}${isSecret(name) ? '' : ` (it is "${values[name]}")`}`);
}

/** Addresses may carry passwords. */
function isSecret(name: string): boolean {
  return /PASSWORD|_URL$/.test(name);
}

/** An empty variable counts as not set. */
function pick(env: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) if (env[name]) found[name] = env[name];
  return found;
}

function readFile(file: string | undefined, standard: string): Record<string, string> {
  const path = file ?? standard;
  if (!existsSync(path)) {
    if (file) throw new ConfigError(`--config: there is no file ${file}`);
    return {};
  }
  let content: NodeJS.Dict<string>;
  try {
    const text = readFileSync(path, 'utf8');
    const cut = /^\s*(?:export\s+)?(\w+)\s*=\s*[^\s'"`#][^'"`\n]*\S#/m.exec(text)?.[1];
    if (cut)
      throw new Error(`the value of ${cut} holds a #, which begins a comment: put the value into quotes`);
    content = parseEnv(text);
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message}`);
  }
  for (const name of Object.keys(content))
    if (!names.includes(name))
      throw new ConfigError(`${name} in ${path} is not a setting; known are ${names.join(', ')}`);
  return pick(content);
}

function asteriskOf(settings: z.infer<typeof schema>): Config['asterisk'] {
  const { ASTERISK_URL: url, ASTERISK_USER: user, ASTERISK_PASSWORD: password } = settings;
  if (!url) {
    if (user || password)
      throw new ConfigError('ASTERISK_URL is missing although ASTERISK_USER or ASTERISK_PASSWORD is set');
    return null;
  }
  if (!user) throw new ConfigError('ASTERISK_USER is missing although ASTERISK_URL is set');
  if (!password) throw new ConfigError('ASTERISK_PASSWORD is missing although ASTERISK_URL is set');
  return { url: url.replace(/\/+$/, ''), user, password };
}

/** The secrets of the data folder. @throws ConfigError where the folder cannot be used */
export function secretsIn(dataDir: string): Secrets {
  try {
    return loadSecrets(dataDir);
  } catch (error) {
    throw new ConfigError(`DATA_DIR ${dataDir} cannot be used: ${(error as Error).message}`);
  }
}
