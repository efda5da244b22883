import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'mocha';
import { ConfigError, loadConfig } from '../../../core/config/config.ts';
import { paths } from '../../../core/paths.ts';
import { temporaryFolder } from '../../support/servers.ts';
import { skipHere } from '../../support/skip.ts';

describe('configuration', () => {
  let dataDir = '';
  const load = (env: Record<string, string> = {}, file?: string) =>
    loadConfig({ DATA_DIR: dataDir, ...env }, file);
  const refused = (env: Record<string, string>, ...words: string[]) =>
    assert.throws(
      () => load(env),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.message.includes('\n'), false);
        for (const word of words) assert.ok(error.message.includes(word), `${word} in: ${error.message}`);
        return true;
      },
    );

  beforeEach(() => void (dataDir = join(temporaryFolder('config'), 'data')));

  it('works with nothing set: SQLite, one process, the simulator', () => {
    const config = load();
    assert.deepEqual(
      { ...config, secrets: undefined },
      {
        port: 3000,
        dataDir,
        databaseUrl: `sqlite:${join(dataDir, 'ringwise.sqlite')}`,
        redisUrl: null,
        asterisk: null,
        dialerId: 'main',
        host: null,
        publicUrl: 'http://localhost:3000',
        logLevel: 'info',
        secrets: undefined,
      },
    );
  });

  it('takes what is set, and counts an empty variable as not set', () => {
    const config = load({
      ...{
        PORT: '8080',
        DATABASE_URL: 'mysql://u:p@db/ringwise',
        REDIS_URL: 'redis://r:6379/2',
        LOG_LEVEL: '',
      },
      ...{ ASTERISK_URL: 'http://a:8088/', ASTERISK_USER: 'u', ASTERISK_PASSWORD: 'p' },
      PUBLIC_URL: 'https://calls.example/',
    });
    assert.equal(config.port, 8080);
    assert.equal(config.databaseUrl, 'mysql://u:p@db/ringwise');
    assert.equal(config.redisUrl, 'redis://r:6379/2');
    assert.equal(config.logLevel, 'info');
    assert.deepEqual(config.asterisk, { url: 'http://a:8088', user: 'u', password: 'p' });
    assert.equal(config.publicUrl, 'https://calls.example');
  });

  it('names the one setting that is wrong, and never shows a password', () => {
    refused({ PORT: 'eighty' }, 'PORT', 'eighty');
    refused({ PORT: '70000' }, 'PORT');
    refused({ LOG_LEVEL: 'loud' }, 'LOG_LEVEL', 'loud');
    refused({ DIALER_ID: 'east wing' }, 'DIALER_ID', 'east wing');
    refused({ DATABASE_URL: 'postgres://u:p@h/d' }, 'DATABASE_URL', 'sqlite:');
    refused({ DATABASE_URL: 'mysql://u:p@h/' }, 'DATABASE_URL');
    refused({ DATABASE_URL: 'sqlite:' }, 'DATABASE_URL');
    refused({ DATABASE_URL: 'mysql://u:p@h/d?ssl-mode=REQUIRED' }, 'DATABASE_URL', 'ssl-mode', 'ssl-ca');
    refused({ DATABASE_URL: 'mysql://u:p@h/d?ssl=yes' }, 'DATABASE_URL', 'ssl=true');
    refused({ DATABASE_URL: 'mysql://u:p@10.0.0.1/d?ssl=true' }, 'DATABASE_URL', 'name');
    refused({ DATABASE_URL: 'mysql://u:p@h/d?ssl-ca=/nowhere.pem' }, 'DATABASE_URL', '/nowhere.pem');
    refused({ REDIS_URL: 'localhost:6379' }, 'REDIS_URL', 'redis://');
    refused({ PUBLIC_URL: 'calls.example' }, 'PUBLIC_URL');
    for (const address of ['https://calls.example/ringwise', 'https://bücher.example/x', 'https://a:b@c'])
      refused({ PUBLIC_URL: address }, 'PUBLIC_URL must end with the host');
    refused({ ASTERISK_URL: 'ws://a' }, 'ASTERISK_URL');
    refused({ ASTERISK_URL: 'http://a', ASTERISK_PASSWORD: 'p' }, 'ASTERISK_USER is missing');
    refused({ ASTERISK_URL: 'http://a', ASTERISK_USER: 'u' }, 'ASTERISK_PASSWORD is missing');
    refused({ ASTERISK_USER: 'u' }, 'ASTERISK_URL is missing');
    assert.throws(
      () => load({ DATABASE_URL: 'postgres://u:hush@h/d' }),
      (error) => !(error as Error).message.includes('hush'),
    );
  });

  it('reads what the environment leaves open from a file', () => {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'ringwise.env'), '# a comment\nPORT=4000\nLOG_LEVEL="warn"\n');
    assert.deepEqual([load().port, load().logLevel], [4000, 'warn']);
    assert.equal(load({ PORT: '5000' }).port, 5000);
    const other = join(dataDir, 'other.env');
    const elsewhere = join(dataDir, 'elsewhere');
    writeFileSync(other, `PORT=6000\nDATA_DIR=${elsewhere}\n`);
    assert.equal(load({}, other).port, 6000);
    assert.equal(loadConfig({}, other).dataDir, elsewhere);
  });

  it('names an unknown setting in the file, and a file that is not there', () => {
    const file = join(temporaryFolder('config'), 'x.env');
    writeFileSync(file, 'DATABSE_URL=sqlite:x\n');
    assert.throws(() => load({}, file), /DATABSE_URL in .*x\.env is not a setting/);
    assert.throws(() => load({}, '/nowhere/x.env'), /there is no file \/nowhere\/x\.env/);
  });

  it('makes secrets once, for their owner alone, and refuses damaged ones', () => {
    const { secrets } = load();
    assert.match(secrets.session, /^[0-9a-f]{64}$/);
    assert.match(secrets.encryption, /^[0-9a-f]{64}$/);
    assert.notEqual(secrets.session, secrets.encryption);
    const file = join(dataDir, 'secret.json');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(load().secrets, secrets);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), secrets);
    writeFileSync(file, '{"session":');
    refused({}, 'secret.json', 'damaged');
  });

  it('names a data folder that cannot be used', () => {
    const file = join(temporaryFolder('config'), 'file');
    writeFileSync(file, '');
    refused({ DATA_DIR: join(file, 'data') }, 'DATA_DIR', file);
    refused({ DATA_DIR: file }, 'DATA_DIR', file, 'not a folder');
  });

  it('names a data folder where none can be made (fault: the system refuses the name)', function () {
    if (process.platform !== 'linux') skipHere(this, 'only Linux has /proc');
    refused({ DATA_DIR: '/proc/none/data' }, 'DATA_DIR', '/proc/none');
  });

  it('makes the data folder for its owner alone, and leaves one that was there as it was', () => {
    const there = temporaryFolder('config');
    chmodSync(there, 0o755);
    const made = join(there, 'one', 'two');
    loadConfig({ DATA_DIR: made });
    const modes = [there, join(there, 'one'), made].map((folder) => statSync(folder).mode & 0o777);
    assert.deepEqual(modes, [0o755, 0o700, 0o700]);
  });

  it('knows where the installation lies', () => {
    assert.ok(existsSync(join(paths.root, 'package.json')));
    assert.ok(existsSync(join(paths.migrations, '0001-settings.ts')));
    assert.equal(paths.built, false);
  });
});
