import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { readMutated } from './fuzz.ts';

/** `npm run bench -- import-fuzz` reads ten thousand. */
const files = 250;

describe('damaged files', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'fuzz-'))));
  after(() => rmSync(folder, { recursive: true }));

  it(`fault: ${files} files with bytes changed, cut out or doubled: each is refused in words, or each row has one verdict`, async () => {
    const found = { problem: 0, read: 0 };
    for (let seed = 0; seed < files; seed++) found[(await readMutated(seed, folder)).kind] += 1;
    assert.ok(
      found.problem > files / 20 && found.read > files / 4,
      `${found.problem} refused, ${found.read} read`,
    );
  });
});
