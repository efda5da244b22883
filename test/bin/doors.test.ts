import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'mocha';
import { systemClock } from '../../core/clock/clock.ts';
import { createLog } from '../../core/log/log.ts';
import { startSimulator } from '../../dialer/telephony/index.ts';
import { eventually } from '../support/eventually.ts';
import { startDoor, type Ended } from '../support/process.ts';
import { temporaryFolder } from '../support/servers.ts';

describe('the doors', function () {
  this.timeout(120_000);
  let dataDir = '';
  const cli = (args: string[], env: Record<string, string> = {}): Promise<Ended> =>
    startDoor('cli', args, { DATA_DIR: dataDir, ...env }).ended;
  const serve = (args: string[], env: Record<string, string> = {}) =>
    startDoor('serve', ['--port', '0', '--no-open', ...args], { DATA_DIR: dataDir, ...env });

  beforeEach(() => void (dataDir = join(temporaryFolder('doors'), 'data')));

  it('the command line tells its commands, and what is wrong with one', async () => {
    const help = await cli(['help']);
    assert.equal(help.code, 0);
    for (const command of ['config', 'migrate', 'user', 'demo', 'compliance'])
      assert.match(help.stdout, new RegExp(`^ {2}${command}\\b`, 'm'));
    const sub = await cli(['help', 'user']);
    assert.match(sub.stdout, /reset-password/);
    const wrong = await cli(['nonsense']);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /nonsense/);
  });

  it('accounts can be made and given a new password', async () => {
    const added = await cli(['user', 'add', 'Mei', '--name', '李梅', '--role', 'manager']);
    assert.match(added.stdout, /^mei {2}\S{10,}\n$/);
    const reset = await cli(['user', 'reset-password', 'mei']);
    assert.match(reset.stdout, /^mei {2}\S{10,}\n$/);
    assert.notEqual(reset.stdout, added.stdout);
    const refusals: [string[], RegExp][] = [
      [['user', 'add', 'mei', '--name', 'x'], /exists already/],
      [['user', 'add', '../x', '--name', 'x'], /cannot be a username/],
      [['user', 'add', 'x', '--name', ' '], /--name must be a name/],
      [['user', 'add', 'x', '--name', 'x', '--role', 'boss'], /boss/],
      [['user', 'reset-password', 'nobody'], /no account nobody/],
    ];
    for (const [args, words] of refusals) {
      const refused = await cli(args);
      assert.equal(refused.code, 1, args.join(' '));
      assert.match(refused.stderr, words);
    }
  });

  it('asterisk config names the option that cannot be, and writes nothing', async () => {
    const out = join(dataDir, 'asterisk');
    for (const [option, value] of [
      ['--bind', 'foo..bar'],
      ['--bind', 'notanaddress'],
      ['--bind', '300.1.1.1'],
      ['--external-address', '1.2.3.4.5.6'],
      ['--password', ''],
      ['--user', 'a b"[x]'],
      ['--identification-en', '/etc/passwd'],
      ['--identification-zh-tw', join(dataDir, 'nowhere.wav')],
    ] as const) {
      const refused = await cli(['asterisk', 'config', '--out', out, option, value]);
      assert.equal(refused.code, 1, option);
      assert.match(refused.stderr, new RegExp(`option '${option} `));
      assert.equal(existsSync(out), false);
    }
  });

  it('a wrong setting is named in one line, with exit code 78', async () => {
    for (const ended of [
      await cli(['migrate'], { DATABASE_URL: 'oracle://x' }),
      await serve([], { DATABASE_URL: 'oracle://x' }).ended,
    ]) {
      assert.equal(ended.code, 78);
      assert.match(ended.stderr, /^ringwise: DATABASE_URL [^\n]+\n$/);
    }
    const role = await serve(['--role', 'nonsense']).ended;
    assert.deepEqual([role.code, /--role/.test(role.stderr)], [78, true]);
    const alone = await serve(['--role', 'web']).ended;
    assert.deepEqual([alone.code, /REDIS_URL is missing/.test(alone.stderr)], [78, true]);
    const option = await serve(['--nonsense']).ended;
    assert.deepEqual([option.code, /nonsense/.test(option.stderr)], [78, true]);
  });

  it('config check tells what does not answer, and shows no password', async () => {
    const good = await cli(['config', 'check']);
    assert.equal(good.code, 0);
    assert.ok(
      !existsSync(join(dataDir, 'ringwise.sqlite')),
      'and makes no database, beside which there is no demo',
    );
    const bad = await cli(['config', 'check'], {
      DATABASE_URL: 'mysql://u:hush@127.0.0.1:1/d',
      REDIS_URL: 'redis://u:hush@127.0.0.1:1',
    });
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /DATABASE_URL/);
    assert.match(bad.stderr, /REDIS_URL/);
    assert.doesNotMatch(bad.stdout + bad.stderr, /hush/);
  });

  it('config check tries Asterisk with its credentials, and shows the dialer’s name', async () => {
    const log = createLog('silent');
    const asterisk = await startSimulator({ clock: systemClock, log, user: 'ari', password: 'right' });
    const env = { ASTERISK_URL: asterisk.url, ASTERISK_USER: 'ari', DIALER_ID: 'west' };
    const good = await cli(['config', 'check'], { ...env, ASTERISK_PASSWORD: 'right' });
    const refused = await cli(['config', 'check'], { ...env, ASTERISK_PASSWORD: 'hush' });
    await asterisk.close();
    const away = await cli(['config', 'check'], { ...env, ASTERISK_PASSWORD: 'hush' });
    assert.equal(good.code, 0);
    assert.match(good.stdout, /DIALER_ID +west/);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^ringwise: ASTERISK_USER and ASTERISK_PASSWORD are refused: .*ari\.conf/);
    assert.doesNotMatch(refused.stderr, /ASTERISK_URL/);
    assert.equal(away.code, 1);
    assert.match(away.stderr, /^ringwise: ASTERISK_URL names/);
    assert.doesNotMatch(refused.stderr + refused.stdout + away.stderr, /hush/);
  });

  it('what the settings name but nobody can use is told in one line', async () => {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(
      join(dataDir, 'text'),
      'no database, and long enough to be looked at as one, line after line'.repeat(20),
    );
    const wrongs: [Record<string, string>, RegExp][] = [
      [
        { DATABASE_URL: `sqlite:${join(dataDir, 'text')}` },
        /^ringwise: DATABASE_URL cannot be used: [^\n]+\n$/,
      ],
      [{ DATABASE_URL: 'mysql://u:50%@127.0.0.1/d' }, /^ringwise: DATABASE_URL must be [^\n]+%25\n$/],
      [{ HOST: '203.0.113.77' }, /^ringwise: HOST is no address of this machine\n$/],
      [{ HOST: 'everywhere' }, /^ringwise: HOST must be [^\n]+\n$/],
    ];
    for (const [env, words] of wrongs) {
      const ended = await serve(['--empty'], { LOG_LEVEL: 'silent', ...env }).ended;
      assert.deepEqual([ended.code, words.test(ended.stderr)], [78, true], ended.stderr);
    }
    writeFileSync(join(dataDir, 'ringwise.env'), 'LOG_LEVEL=info # as it is\nASTERISK_PASSWORD=ab#cd\n');
    const cut = await cli(['config', 'check']);
    assert.deepEqual([cut.code, /ASTERISK_PASSWORD holds a #/.test(cut.stderr)], [78, true], cut.stderr);
  });

  it('a demo ends when it is told to: its accounts are disabled, and stand on the sign-in page no more', async () => {
    assert.match((await cli(['demo'])).stdout, /administrator/);
    const ended = await cli(['demo', '--end']);
    assert.match(ended.stdout, /^16 accounts are disabled\.\n.*new password:\nadmin {2}\S{10,}\n$/);
    const again = await cli(['demo', '--end']);
    assert.deepEqual([again.code, /holds no demo/.test(again.stderr)], [1, true]);
  });

  it('fault: a start is cut off while it fills the demo, and another is killed – the next one is whole', async () => {
    const demoDir = join(dataDir, 'demo');
    assert.equal((await cli(['user', 'add', 'half', '--name', 'Half'], { DATA_DIR: demoDir })).code, 0);
    writeFileSync(join(demoDir, 'seeding'), '');
    const killed = serve(['--attended']);
    await killed.line(/administrator/);
    assert.ok(!existsSync(join(demoDir, 'seeding')));

    const reset = await cli(['user', 'reset-password', 'admin']);
    assert.deepEqual([reset.code, /working on the demo/.test(reset.stderr)], [0, true], reset.stderr);
    assert.ok(!existsSync(join(dataDir, 'ringwise.sqlite')), 'beside a database of a firm there is no demo');
    mkdirSync(join(dataDir, 'recordings'));
    const firm = await cli(['user', 'reset-password', 'admin']);
    assert.match(firm.stderr, /no account admin/, 'what a firm keeps there is not taken for the demo');
    for (const name of ['recordings', 'ringwise.sqlite']) rmSync(join(dataDir, name), { recursive: true });
    const beside = await serve(['--attended']).ended;
    assert.equal(beside.code, 78);
    assert.match(
      beside.stderr,
      /^ringwise: Ringwise runs on \S+ already \(process \d+, http:[^)]+\)[^\n]+\n$/,
    );

    killed.child.kill('SIGKILL');
    await killed.ended;
    const next = serve(['--attended']);
    await next.line(/administrator/);
    next.child.kill('SIGHUP');
    assert.equal((await next.ended).code, 0, 'a terminal that is closed ends it in order');
  });

  it('a port in use is named', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, resolve));
    const { port } = other.address() as AddressInfo;
    const ended = await startDoor('serve', ['--port', `${port}`], { DATA_DIR: dataDir }).ended;
    other.close();
    assert.equal(ended.code, 78);
    assert.match(ended.stderr, new RegExp(`PORT ${port} is in use`));
  });

  it('the product starts empty, is healthy, prints the first password until it is changed, and ends on SIGTERM', async () => {
    const first = serve(['--attended', '--empty']);
    const [, address] = await first.line(/is at (http:\S+)/);
    await eventually(async () => {
      const health = await fetch(`${address}/health`);
      assert.equal(health.status, 200, await health.text());
    });
    const page = await fetch(`${address}/`, { redirect: 'manual' });
    assert.ok([302, 303].includes(page.status));
    await first.line(/admin\b/);
    for (const name of readdirSync(dataDir, { recursive: true }) as string[])
      assert.equal(statSync(join(dataDir, name)).mode & 0o077, 0, `${name} is its owner's alone`);
    first.child.kill('SIGTERM');
    assert.equal((await first.ended).code, 0);

    const second = serve(['--attended', '--empty']);
    await second.line(/is at (http:\S+)/);
    // A start that failed before it could say it must not have lost it.
    await second.line(/^ {2}admin {3}\S+$/);
    second.child.kill('SIGINT');
    assert.equal((await second.ended).code, 0);
  });
});
