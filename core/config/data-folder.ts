import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Sees to it that `folder` is there and can be written to. What is made is its owner's alone; a folder that was there
 * keeps its mode, as it may hold other things. Each step is one call: Node's recursive way of making folders never
 * comes back where the system refuses a name, as /proc does.
 * @throws Error that says in words what is wrong
 */
export function dataFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const at of missing) make(at);
  if (!statSync(folder).isDirectory()) throw new Error('it is a file, not a folder');
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    throw new Error('this user may not write there');
  }
}

function make(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another process was first.
    if (code === 'EEXIST') return;
    throw new Error(`the folder ${folder} cannot be made there (${code})`, { cause: error });
  }
}
