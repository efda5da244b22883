import { openDatabase } from '../../../core/database/open-database.ts';
import { createLog } from '../../../core/log/log.ts';
import { mariadb, temporaryFolder } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';
import { databaseContract, type DatabaseUnderTest } from './contract.ts';

const log = createLog('silent');

function both(url: string, dataDir: string): DatabaseUnderTest {
  const db = openDatabase({ url, dataDir, log });
  const other = openDatabase({ url, dataDir, log });
  return {
    db,
    other,
    async close() {
      await db.close();
      await other.close();
    },
  };
}

databaseContract('SQLite', async () => both('sqlite:contract.sqlite', temporaryFolder('sqlite')));

databaseContract('MariaDB', async (context) => {
  const server = await mariadb();
  if (!server) skip(context, 'MariaDB is not installed');
  return both(await server.createDatabase(), '/nowhere');
});
