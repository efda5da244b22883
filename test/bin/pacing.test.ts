import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { startDoor, type Ended } from '../support/process.ts';
import { temporaryFolder } from '../support/servers.ts';

const short = ['--agents', '3', '--staffing', '2,4', '--hours', '0.5', '--runs', '2', '--talk', '60'];

describe('ringwise pacing simulate', function () {
  this.timeout(180_000);
  let dataDir = '';
  const simulate = (...args: string[]): Promise<Ended> =>
    startDoor('cli', ['pacing', 'simulate', ...args], { DATA_DIR: dataDir }).ended;
  before(() => void (dataDir = join(temporaryFolder('pacing'), 'data')));

  it('plays typed figures and compares head counts', async () => {
    const told = await simulate(...short, '--leads', '5000');
    assert.equal(told.code, 0, told.stderr);
    assert.match(told.stdout, /^agents +agents busy +abandoned/m);
    for (const heads of [2, 3, 4]) assert.match(told.stdout, new RegExp(`^${heads} +\\d`, 'm'));
    assert.match(told.stdout, /days of list/);
    const json = await simulate(...short, '--json');
    const result = JSON.parse(json.stdout) as { present: { runs: number }; staffing: unknown[] };
    assert.deepEqual([result.present.runs, result.staffing.length], [2, 2]);
  });

  it('says what is wrong with what was typed', async () => {
    const refusals: [string[], RegExp][] = [
      [['--mode', 'wild'], /--mode is one of/],
      [['--from', '9'], /--from is a time of day/],
      [['--answer', '80', '--machine', '30'], /more than 100 %/],
      [['--agents', '0'], /whole number from 1/],
      [['--campaign', '77'], /no campaign 77/],
      [['--list', '77'], /no list 77/],
    ];
    for (const [args, words] of refusals) {
      const refused = await simulate(...args);
      assert.equal(refused.code, 1, args.join(' '));
      assert.match(refused.stderr, words);
    }
  });
});
