import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { discard } from '../../../dialer/telephony/asterisk/provision.ts';
import { skipHere } from '../../support/skip.ts';

describe('setting up an Asterisk of our own', () => {
  let work: string;
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'ringwise-provision-'));
  });
  afterEach(() => rmSync(work, { recursive: true, force: true }));

  it('fault: an earlier set-up was killed and left the host’s folders mounted – they are let go, not emptied', function () {
    const [hosts, left] = [join(work, 'host'), join(work, 'asterisk.new-1')];
    mkdirSync(hosts);
    writeFileSync(join(hosts, 'precious'), 'stays');
    mkdirSync(join(left, 'sys'), { recursive: true });
    if (spawnSync('mount', ['--bind', hosts, join(left, 'sys')]).status !== 0)
      skipHere(this, 'nothing can be mounted here');
    assert.ok(existsSync(join(left, 'sys', 'precious')));
    discard(left);
    assert.ok(!existsSync(left));
    assert.ok(existsSync(join(hosts, 'precious')));
  });
});
