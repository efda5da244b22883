/** `npm run bench -- NAME [options]`: runs bench/NAME/index.ts or bench/NAME.ts; lists the names when none is given. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [name, ...options] = process.argv.slice(2);

function names(): string[] {
  return readdirSync(here, { withFileTypes: true })
    .filter((entry) =>
      entry.isDirectory()
        ? existsSync(join(here, entry.name, 'index.ts'))
        : entry.name.endsWith('.ts') && entry.name !== 'run.ts',
    )
    .map((entry) => entry.name.replace(/\.ts$/, ''))
    .sort();
}

if (!name) {
  console.log(`npm run bench -- NAME\n\n${names().join('\n')}`);
} else if (!names().includes(name)) {
  console.error(`There is no bench "${name}". There are: ${names().join(', ')}`);
  process.exitCode = 1;
} else {
  const folder = join(here, name, 'index.ts');
  const file = existsSync(folder) ? folder : join(here, `${name}.ts`);
  const bench = (await import(pathToFileURL(file).href)) as {
    run(options: readonly string[]): Promise<void>;
  };
  await bench.run(options);
  // Timers of calls that are over would keep the process for minutes.
  process.exit();
}
