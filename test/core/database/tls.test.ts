import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { mariadbSide } from '../../../core/database/mariadb.ts';
import { createLog } from '../../../core/log/log.ts';
import { certificateIn, type Certificate } from '../../support/certificate.ts';
import { startMariadb, temporaryFolder, type TestMariadb } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';

describe('TLS to MariaDB', function () {
  this.timeout(60_000);
  let server: TestMariadb;
  let own: Certificate;
  let url: URL;

  before(async function () {
    own = certificate();
    const started = await startMariadb([`--ssl-cert=${own.cert}`, `--ssl-key=${own.key}`]);
    if (!started) skip(this, 'MariaDB is not installed');
    server = started;
    url = new URL(await server.createDatabase());
  });
  after(() => server?.stop());

  /** What the server says of the connection’s cipher. */
  async function cipher(host: string, parameters: string, silenceMs?: number): Promise<string> {
    url.hostname = host;
    const { knex } = mariadbSide(`${url.href}?${parameters}`, createLog('silent'), {
      silenceMs,
      poolSize: 1,
    });
    const ask = async (sql: string) => ((await knex.raw(sql)) as [Record<string, string>[]])[0][0]!;
    try {
      const before = await ask('select connection_id() as id');
      for (let n = 0; silenceMs && n < 3; n++) await ask(`select sleep(${silenceMs / 2_000}) as slept`);
      assert.deepEqual(await ask('select connection_id() as id'), before);
      return (await ask("show session status like 'Ssl_cipher'")).Value ?? '';
    } finally {
      await knex.destroy();
    }
  }

  it('is there when it is asked for, and not otherwise', async () => {
    const ca = `ssl-ca=${encodeURIComponent(own.cert)}`;
    assert.notEqual(await cipher('localhost', ca), '');
    assert.notEqual(await cipher('127.0.0.1', `ssl=true&${ca}`), '');
    assert.equal(await cipher('127.0.0.1', 'ssl=false'), '');
  });

  it('does not take a connection at work for a silent one', async () => {
    assert.notEqual(await cipher('localhost', `ssl-ca=${encodeURIComponent(own.cert)}`, 800), '');
  });

  it('fault: the server shows a certificate that nobody known has issued – it is not spoken to', async () => {
    await assert.rejects(cipher('localhost', 'ssl=true'), /self-signed certificate/);
    await assert.rejects(
      cipher('localhost', `ssl-ca=${encodeURIComponent(certificate().cert)}`),
      /certificate/,
    );
  });
});

const certificate = (): Certificate => certificateIn(temporaryFolder('tls'));
