import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const version = 'v1';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts a short secret for the database with AES-256-GCM. `key` is 64 hexadecimal digits (`secrets.encryption`);
 * `context` names what it belongs to, so that a sealed text moved to another row does not open.
 */
export function seal(key: string, context: string, plain: string): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'hex'), iv);
  cipher.setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return `${version}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')}`;
}

/** Null when it was sealed with another key or for another context, or is damaged. */
export function unseal(key: string, context: string, sealed: string): string | null {
  const [kind, text] = sealed.split('.', 2);
  if (kind !== version || !text) return null;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < ivBytes + tagBytes) return null;
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'hex'), bytes.subarray(0, ivBytes));
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  try {
    return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return null;
  }
}
