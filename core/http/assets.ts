import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The URL of a built file: `asset('pages/app.js')`. With a manifest from the build, under its hashed name. */
export type Asset = (file: string) => string;

/** With `watch`, a build that comes later is seen: in development the server outlives many. */
export function createAssets(publicDirectory: string, watch = false): Asset {
  const file = join(publicDirectory, 'manifest.json');
  let manifest = read(file);
  let builtAt = modifiedAt(file);
  return (name) => {
    if (watch && modifiedAt(file) !== builtAt) {
      builtAt = modifiedAt(file);
      manifest = read(file);
    }
    return `/assets/${manifest[name] ?? name}`;
  };
}

const modifiedAt = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function read(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    // Not built yet, or a build is under way: files go by their own names.
    return {};
  }
}
