import type { Database } from '../../core/database/database.ts';
import { openDatabase } from '../../core/database/open-database.ts';
import { createLog } from '../../core/log/log.ts';
import { mariadb, temporaryFolder } from '../../test/support/servers.ts';

/** Measures on an empty database of each engine that was asked for: `sqlite`, `mariadb` or `both`. */
export async function onEngines(
  asked: string,
  measure: (engine: string, db: Database) => Promise<void>,
): Promise<void> {
  const log = createLog('silent');
  if (asked !== 'mariadb') {
    const db = openDatabase({ url: 'sqlite:bench.sqlite', dataDir: temporaryFolder('bench'), log });
    await measure('SQLite', db);
    await db.close();
  }
  if (asked !== 'sqlite') {
    const server = await mariadb();
    if (!server) return console.log('MariaDB is not installed; not measured.');
    const db = openDatabase({ url: await server.createDatabase(), dataDir: '/nowhere', log });
    // What a server of this size would be given; the tests' own is kept small.
    await db.knex.raw('set global innodb_buffer_pool_size = 2147483648');
    await measure('MariaDB', db);
    await db.close();
    await server.stop();
  }
}
