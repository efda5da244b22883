import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { LastKnown } from '../../../core/database/last-known.ts';

const away = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
const silent = () => new Promise<string>(() => {});

describe('what the database said last', () => {
  it('stands in for it while it is away, for ten minutes (fault: the connection is refused)', async () => {
    const clock = new ManualClock();
    const known = new LastKnown(clock);
    await assert.rejects(known.read('a', away), { code: 'ECONNREFUSED' }, 'never read before');
    assert.equal(await known.read('a', async () => 'one'), 'one');
    assert.equal(await known.read('a', away), 'one');
    await clock.advance(10 * 60_000 + 1);
    await assert.rejects(known.read('a', away), { code: 'ECONNREFUSED' });
  });

  it('stands in for it when it is silent, and nobody waits twice (fault: no answer comes)', async () => {
    const clock = new ManualClock();
    const known = new LastKnown(clock);
    await known.read('a', async () => 'one');
    const asked = known.read('a', silent);
    await clock.advance(400);
    assert.equal(await asked, 'one');
    assert.equal(await known.read('a', silent), 'one');
    await clock.advance(2_000);
    assert.equal(await known.read('a', async () => 'two'), 'two');
  });

  it('is not what was forgotten, even where the answer was on its way by then', async () => {
    const known = new LastKnown(new ManualClock());
    await known.read('a', async () => 'one');
    known.forget((key) => key === 'a');
    await assert.rejects(known.read('a', away));
    let answer = (_: string) => {};
    const asked = known.read('a', () => new Promise<string>((resolve) => (answer = resolve)));
    known.forget((key) => key === 'a');
    answer('old');
    assert.equal(await asked, 'old');
    await assert.rejects(known.read('a', away));
  });

  it('is not what is not there any more, and hides no other error', async () => {
    const known = new LastKnown(new ManualClock());
    await known.read('a', async () => 'one');
    assert.equal(await known.read('a', async () => null), null);
    await assert.rejects(known.read('a', away));
    await known.read('a', async () => 'one');
    await assert.rejects(
      known.read('a', () => Promise.reject(new Error('no such column'))),
      /no such column/,
    );
  });
});
