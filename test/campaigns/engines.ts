import { after, before, describe, type Context } from 'mocha';
import { mariadb } from '../support/servers.ts';
import { skip } from '../support/skip.ts';
import { testApp, type TestApp } from '../support/app.ts';

/** A whole App on each engine by its name; skips where its server is not installed. */
export const testEngines: readonly [string, (context: Context) => Promise<TestApp>][] = [
  ['SQLite', () => testApp()],
  [
    'MariaDB',
    async (context) => {
      const server = await mariadb();
      if (!server) skip(context, 'MariaDB is not installed');
      return testApp({ config: { databaseUrl: await server.createDatabase() } });
    },
  ],
];

/** Runs the same suite on SQLite and on a real MariaDB. `app()` is there once the suite's hooks run. */
export function onBothEngines(title: string, suite: (app: () => TestApp) => void): void {
  for (const [engine, open] of testEngines)
    describe(`${title} (${engine})`, function () {
      this.timeout(60_000);
      let app: TestApp | undefined;
      before(async function () {
        app = await open(this);
      });
      after(() => app?.close());
      suite(() => app!);
    });
}
