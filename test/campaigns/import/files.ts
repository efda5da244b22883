import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import type { App } from '../../../core/app.ts';

/** Writes a file below the data folder; the result is its path from there. */
export function putFile(app: App, name: string, content: string | Buffer, encoding = 'utf-8'): string {
  mkdirSync(join(app.config.dataDir, 'imports'), { recursive: true });
  const bytes = typeof content === 'string' ? iconv.encode(content, encoding) : content;
  const path = join('imports', name);
  writeFileSync(join(app.config.dataDir, path), bytes);
  return path;
}

/** A number from +1 212 555 0100 on, as people write it. */
export const usNumber = (n: number): string =>
  `(${212 + Math.floor(n / 1_000_000)}) ${String(200 + Math.floor(n / 10_000)).padStart(3, '0')}-${String(n % 10_000).padStart(4, '0')}`;
