import { randomInt } from 'node:crypto';
import argon2 from 'argon2';
import { z } from 'zod';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane; 47 ms here. */
const cost = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Of a random password that nobody knows, at the cost above. */
const nobody =
  '$argon2id$v=19$m=19456,p=1,t=2$i3oymCOigrzS4k6v8rI/GA$RXcC4E+zAluU2EsQGKIkeZCNZ6i/nQz+XbG8PoZ/TYg';

/** Ten characters at least: length is what counts, so nothing else is asked for. NFKC lets two keyboards agree. */
export const passwordSchema = z
  .string()
  .transform((text) => text.normalize('NFKC'))
  .pipe(z.string().min(10).max(200));

export function hashPassword(password: string): Promise<string> {
  return argon2.hash(password.normalize('NFKC'), cost);
}

/** Whether `password` fits. With `hash` null (no such user) the same work is done, and the answer is no. */
export async function verifyPassword(hash: string | null, password: string): Promise<boolean> {
  const fits = await argon2.verify(hash ?? nobody, password.normalize('NFKC'));
  return hash !== null && fits;
}

export function needsRehash(hash: string): boolean {
  return argon2.needsRehash(hash, cost);
}

/** No characters that look alike, as it is read from a terminal and typed. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Three groups of four, 59 bits: `k7mp-w2xa-9hqd`. */
export function generatePassword(): string {
  const group = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return [group(), group(), group()].join('-');
}
