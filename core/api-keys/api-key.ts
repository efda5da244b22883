import { createHash, randomBytes } from 'node:crypto';

/** What a key may be used for. Taking a number off the DNC list is apart: few systems should. */
export const apiScopes = ['leads', 'dnc', 'dnc-remove', 'consents'] as const;
export type ApiScope = (typeof apiScopes)[number];

/** A key by which another system asks for something, without the key itself. */
export interface ApiKey {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  /** Last signs of the key. */
  readonly hint: string;
  readonly createdBy: number | null;
  readonly createdAt: number;
  /** To the minute; null: never. */
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

const prefix = 'rw_';
const keyBytes = 32;
const hintSigns = 4;

/** A new key. Nothing can be found out of its hash: 256 bits are not guessed, so that no slow hash is needed. */
export function generateKey(): { key: string; hash: string; hint: string } {
  const key = prefix + randomBytes(keyBytes).toString('base64url');
  return { key, hash: hashOf(key), hint: key.slice(-hintSigns) };
}

export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
