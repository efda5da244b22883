import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { replay, ReplayFileError } from '../../campaigns/compliance/index.ts';
import { CommandError } from '../with-app.ts';

export function register(program: Command): void {
  const compliance = program.command('compliance').description('the gate that every call passes');
  compliance
    .command('replay')
    .argument('<file>', 'JSON with rule_sets and vectors')
    .description(
      'decides each vector of a file and prints a JSON line for it; says what it did not understand, and blocks where that matters',
    )
    .action(replayFile);
}

async function replayFile(file: string): Promise<void> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${(error as Error).message}`);
  }
  let refused = 0;
  try {
    for (const line of replay(text)) {
      if (!line.ok) {
        refused += 1;
        process.stderr.write(`${line.error}\n`);
        continue;
      }
      for (const warning of line.warnings) process.stderr.write(`warning: ${warning}\n`);
      process.stdout.write(`${JSON.stringify(line.result)}\n`);
    }
  } catch (error) {
    if (error instanceof ReplayFileError) throw new CommandError(`${file} ${error.message}`);
    throw error;
  }
  if (refused > 0) throw new CommandError(`${refused} vectors have no id`);
}
