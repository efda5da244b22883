import { parseArgs } from 'node:util';
import { decisions } from './decisions.ts';
import { nationalList } from './national-list.ts';
import { withDatabase } from './with-database.ts';

/** `--national-list 10`: a national list of so many million numbers instead of the gate itself. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...options], options: { 'national-list': { type: 'string' } } });
  const millions = values['national-list'];
  if (millions !== undefined) return nationalList(Number(millions) * 1_000_000);
  decisions();
  await withDatabase();
}
