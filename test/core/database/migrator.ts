// A process of its own for tests: migrates the database argv[2] with the migrations in the folder argv[3].
import { openDatabase } from '../../../core/database/open-database.ts';
import { createLog } from '../../../core/log/log.ts';

const [url, migrationsFolder] = process.argv.slice(2) as [string, string];
const db = openDatabase({ url, dataDir: '/nowhere', log: createLog('silent'), migrationsFolder });
await db.migrate();
await db.close();
process.disconnect?.();
