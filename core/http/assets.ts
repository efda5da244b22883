import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The URL of a built file: `asset('pages/app.js')`. With a manifest from the build, under its hashed name. */
export type Asset = (file: string) => string;

export function createAssets(publicDirectory: string): Asset {
  const manifestPath = join(publicDirectory, 'manifest.json');
  const manifest: Record<string, string> = existsSync(manifestPath)
    ? (JSON.parse(readFileSync(manifestPath, 'utf8')) as Record<string, string>)
    : {};
  return (file) => `/assets/${manifest[file] ?? file}`;
}
