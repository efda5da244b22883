import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface Certificate {
  cert: string;
  key: string;
}

/** A certificate for `localhost` and 127.0.0.1 that nobody has signed but itself, as two files in `folder`. */
export function certificateIn(folder: string): Certificate {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const files = ['-keyout', key, '-out', cert];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...name]);
  assert.equal(made.status, 0, String(made.stderr));
  return { cert, key };
}
