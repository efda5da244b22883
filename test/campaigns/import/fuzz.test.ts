import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { testApp } from '../../support/app.ts';
import { importMutated, readMutated } from './fuzz.ts';

/** `npm run bench -- import-fuzz` reads ten thousand. */
const files = 250;
const imported = 40;

describe('damaged files', function () {
  this.timeout(600_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'fuzz-'))));
  after(() => rmSync(folder, { recursive: true }));

  it(`fault: ${files} files with bytes changed, cut out or doubled: each is refused in words, or each row has one verdict`, async () => {
    const found = { problem: 0, read: 0 };
    for (let seed = 0; seed < files; seed++) found[(await readMutated(seed, folder)).kind] += 1;
    assert.ok(
      found.problem > files / 20 && found.read > files / 2,
      `${found.problem} refused, ${found.read} read`,
    );
  });

  it('fault: such files go the whole way into the database; each row is counted once, foretold and written alike', async () => {
    const app = await testApp();
    let written = 0;
    try {
      for (let seed = 0; written < imported; seed++) {
        const counts = await importMutated(seed, app);
        if (!counts) continue;
        written += 1;
        for (const { total, verdicts } of [counts.checked, counts.committed])
          assert.equal(Object.values(verdicts).reduce((sum, count) => sum + count, 0), total, `file ${seed}`); // prettier-ignore
        assert.deepEqual(counts.committed, counts.checked, `file ${seed}`);
      }
    } finally {
      await app.close();
    }
  });
});
