import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { paths } from '../../core/paths.ts';
import type { TallyLine } from '../support/reporter.ts';
import { temporaryFolder } from '../support/servers.ts';

describe('the tally of a test run', () => {
  const line = (part: boolean): TallyLine => ({
    run: 'unit',
    passed: 3,
    failed: [],
    skipped: [{ title: 'jobs on Redis', why: 'Redis is not installed', part }],
  });
  const tally = (line: TallyLine, ...options: string[]) => {
    const file = join(temporaryFolder('tally'), 'tally.jsonl');
    writeFileSync(file, `${JSON.stringify(line)}\n`);
    const run = spawnSync('node', [join(paths.root, 'test/support/tally.mjs'), file, ...options]);
    return { status: run.status, said: String(run.stdout) };
  };

  it('lists what was skipped, and is green', () => {
    const { status, said } = tally(line(true));
    assert.equal(status, 0);
    assert.match(said, /Redis is not installed:\n +jobs on Redis\n\n3 passed, 0 failed, 1 skipped\n$/);
  });

  it('fault: a part is missing on a build server – what was skipped for it has failed', () => {
    const { status, said } = tally(line(true), '--all-parts');
    assert.equal(status, 1);
    assert.match(said, /unit: jobs on Redis\n.*Redis is not installed/);
    assert.match(said, /3 passed, 1 failed\n$/);
  });

  it('excuses what no installing would bring', () => {
    assert.equal(tally(line(false), '--all-parts').status, 0);
  });
});
