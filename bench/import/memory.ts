import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mariadb, temporaryFolder } from '../../test/support/servers.ts';
import { writeList } from './list-file.ts';
import type { Taken } from './memory-run.ts';
import { writeWorkbook } from './workbook-file.ts';

const run = fileURLToPath(new URL('./memory-run.ts', import.meta.url));

/** How much memory an import takes by the length of its list: `npm run bench -- import --memory 100000,300000,1000000`. */
export async function memory(sizes: readonly number[], formats: readonly string[]): Promise<void> {
  const server = await mariadb();
  if (!server) return console.log('MariaDB is not installed; not measured.');
  const heading = ['rows', 'form', 'MB', 'step', 'time', 'most memory', 'heap, collected'];
  console.log(heading.map((word) => word.padStart(16)).join(''));
  for (const rows of sizes) {
    const list = await writeList(temporaryFolder('memory'), rows);
    for (const format of formats) {
      const file = format === 'csv' ? list : await writeWorkbook(temporaryFolder('memory'), list.path);
      const args = [await server.createDatabase(), format, file.path, String(file.bytes)];
      const child = spawnSync(process.execPath, ['--import=tsx', run, ...args], {
        encoding: 'utf8',
      });
      if (child.status !== 0) throw new Error(child.stderr);
      for (const { what, seconds, most, heap } of JSON.parse(child.stdout) as Taken[])
        console.log(
          [
            ...[rows.toLocaleString('en'), format, (file.bytes / 1e6).toFixed(0), what],
            ...[`${seconds.toFixed(1)} s`, `${most.toFixed(0)} MB`, `${heap.toFixed(0)} MB`],
          ]
            .map((text) => text.padStart(16))
            .join(''),
        );
    }
  }
  await server.stop();
}
