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
  const tally = (lines: TallyLine | TallyLine[], ...options: string[]) => {
    const file = join(temporaryFolder('tally'), 'tally.jsonl');
    writeFileSync(
      file,
      [lines]
        .flat()
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    );
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

  describe('of a test that failed beside others', () => {
    const failed = (file: string) => ({ title: `calls of ${file}`, message: 'too late', file });
    const beside: TallyLine = { run: 'unit', passed: 3, failed: [failed('a.test.ts')], skipped: [] };
    const alone = (failed: TallyLine['failed']): TallyLine => ({
      run: 'again: a.test.ts',
      passed: 4 - failed.length,
      failed,
      skipped: [],
    });

    it('names the file to run once more alone', () => {
      assert.equal(tally(beside, '--files-to-repeat').said, 'a.test.ts\n');
    });

    it('runs none once more where many fail, or a whole run broke off', () => {
      const many = ['a', 'b', 'c', 'd', 'e'].map((name) => failed(`${name}.test.ts`));
      assert.equal(tally({ ...beside, failed: many }, '--files-to-repeat').said, '');
      const broken = { title: 'live broke off', message: 'exit code 1' };
      assert.equal(tally({ ...beside, failed: [failed('a.test.ts'), broken] }, '--files-to-repeat').said, '');
    });

    it('counts it as passed once it passes, and says so', () => {
      const { status, said } = tally([beside, alone([])]);
      assert.equal(status, 0);
      assert.match(
        said,
        /passed when run again alone:\n +unit: calls of a\.test\.ts\n +too late\n\n4 passed, 0 failed\n$/,
      );
    });

    it('leaves it failed when it fails again, or nothing of it ran', () => {
      for (const again of [alone([failed('a.test.ts')]), { ...alone([]), passed: 0 }]) {
        const { status, said } = tally([beside, again]);
        assert.equal(status, 1);
        assert.match(said, /\n3 passed, 1 failed\n$/);
      }
    });
  });
});
