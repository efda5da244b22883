import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { dataFolder } from './data-folder.ts';

/** Keys of this installation, each 32 random bytes in hexadecimal. Every process and machine of it needs the same. */
export interface Secrets {
  /** Signs session cookies and CSRF tokens. */
  readonly session: string;
  /** Encrypts trunk passwords in the database. */
  readonly encryption: string;
}

const key = z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be 64 hexadecimal digits' });
const schema = z.object({ session: key, encryption: key });

/** Reads `secret.json` of the data folder; makes it, readable by its owner alone, at the first start. */
export function loadSecrets(dataDir: string): Secrets {
  dataFolder(dataDir);
  const file = join(dataDir, 'secret.json');
  return read(file) ?? make(file) ?? read(file)!;
}

function read(file: string): Secrets | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new Error(`${file} is damaged; put back its backup (a new one cannot read stored passwords)`);
  }
}

/** Null when another process was first: a link, unlike a rename, never replaces a file. */
function make(file: string): Secrets | null {
  const secrets = { session: randomBytes(32).toString('hex'), encryption: randomBytes(32).toString('hex') };
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return secrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
