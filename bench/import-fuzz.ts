/** Ten thousand damaged lists: `npm run bench -- import-fuzz [--files N] [--from SEED]`. */
import { parseArgs } from 'node:util';
import { readMutated } from '../test/campaigns/import/fuzz.ts';
import { temporaryFolder } from '../test/support/servers.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { files: { type: 'string', default: '10000' }, from: { type: 'string', default: '0' } },
  });
  const folder = temporaryFolder('fuzz');
  const [from, files] = [Number(values.from), Number(values.files)];
  const codes = new Map<string, number>();
  let rows = 0;
  let failed = 0;
  let slowest = 0;
  const begun = performance.now();
  for (let seed = from; seed < from + files; seed++) {
    const started = performance.now();
    try {
      const result = await readMutated(seed, folder);
      const code = result.kind === 'problem' ? result.code : 'read';
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (result.kind === 'read') rows += result.verdicts;
    } catch (error) {
      failed += 1;
      console.log((error as Error).message);
    }
    slowest = Math.max(slowest, performance.now() - started);
  }
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
  console.log(
    `${files} files in ${seconds} s, the slowest ${slowest.toFixed(0)} ms; ${rows} rows, each with one verdict`,
  );
  for (const [code, count] of [...codes].sort((a, b) => b[1] - a[1]))
    console.log(`${String(count).padStart(7)} ${code}`);
  console.log(failed === 0 ? 'None crashed, hung or lost count.' : `${failed} FAILED`);
  if (failed > 0) process.exitCode = 1;
}
