import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'mocha';
import { createLog } from '../../core/log/log.ts';

describe('log', () => {
  it('never shows a name, a number or a secret, nor below the level asked for', () => {
    let text = '';
    const log = createLog(
      'info',
      new Writable({
        write(chunk, _encoding, done) {
          text += chunk;
          done();
        },
      }),
    );
    log.debug('not this');
    log.info(
      { callId: 'c1', e164: '+12125550142', customer: { name: 'Mei', id: 7 }, password: 'hush' },
      'answered',
    );
    const failure = Object.assign(new Error('no answer'), {
      sql: "select 'Mei'",
      bindings: ['Mei'],
      code: 'X',
    });
    log.error({ err: failure }, 'failed');
    assert.match(text, /"code":"X"/);
    assert.match(text, /"callId":"c1"/);
    assert.match(text, /"id":7/);
    for (const hidden of ['not this', '+1212', 'Mei', 'hush'])
      assert.equal(text.includes(hidden), false, hidden);
  });
});
