import type { Command } from 'commander';
import { backUp } from '../../core/backup/back-up.ts';
import { CommandError, configOf, configOfData } from '../with-app.ts';

export function register(program: Command): void {
  program
    .command('backup')
    .argument('<folder>', 'a new folder; best on another disk')
    .description(
      'copy the data folder while the product runs: SQLite database, keys, settings file, recordings, lists, messages. ' +
        'To restore, put the copy in the place of DATA_DIR while nothing runs',
    )
    .action(backup);
}

async function backup(folder: string, _options: unknown, command: Command): Promise<void> {
  process.umask(0o077);
  // All of the folder, whichever database is in use there.
  const config = { ...configOf(command), databaseUrl: configOfData(command).databaseUrl };
  let done: Awaited<ReturnType<typeof backUp>>;
  try {
    done = await backUp(config, folder);
  } catch (error) {
    throw new CommandError(`No whole backup: ${(error as Error).message}`);
  }
  console.log(`${done.files} files of ${config.dataDir} are in ${folder}.`);
  console.log(
    done.database === null
      ? 'The database is not among them: it is on its server. Back it up there as well, by mariadb-dump --single-transaction or mysqldump --single-transaction.'
      : `The database, whole as of one moment, is ${done.database}.`,
  );
  console.log('It holds customers’ data and the keys of this installation: keep it as safe as the original.');
}
