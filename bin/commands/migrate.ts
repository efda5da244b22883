import type { Command } from 'commander';
import { openDatabase } from '../../core/database/open-database.ts';
import { createLog } from '../../core/log/log.ts';
import { configOf } from '../with-app.ts';

export function register(program: Command): void {
  program
    .command('migrate')
    .description('bring the database schema up to date (every start does so too)')
    .action(async (_options: unknown, command: Command) => {
      const config = configOf(command);
      const log = createLog('warn', process.stderr);
      const db = openDatabase({ url: config.databaseUrl, dataDir: config.dataDir, log });
      try {
        await db.migrate();
        console.log('The database schema is up to date.');
      } finally {
        await db.close();
      }
    });
}
