import assert from 'node:assert/strict';
import { it } from 'mocha';
import { createHindsightStore, minuteMs } from '../../../dialer/hindsight/index.ts';
import { onBothEngines } from '../../campaigns/engines.ts';

onBothEngines('what was forecast and what came true', (app) => {
  const row = (campaignId: number, minute: number) => ({
    campaignId,
    at: minute * minuteMs,
    samples: 12,
    answersForecast: 10.25,
    answersActual: 9,
    freeForecast: 4.5,
    freeActual: 5,
  });

  it('adds up within a minute, also after a restart, and is read by time', async () => {
    const store = createHindsightStore(app());
    await store.add([row(1, 100), row(1, 101), row(2, 100)]);
    await store.add([row(1, 101)]);
    assert.deepEqual(await store.between(1, 100 * minuteMs, 101 * minuteMs), [row(1, 100)]);
    const [, second] = await store.between(1, 0, 200 * minuteMs);
    assert.deepEqual(
      [
        second!.samples,
        second!.answersForecast,
        second!.answersActual,
        second!.freeForecast,
        second!.freeActual,
      ],
      [24, 20.5, 18, 9, 10],
    );
  });

  it('is forgotten when it is old', async () => {
    const store = createHindsightStore(app());
    assert.equal(await store.forgetBefore(101 * minuteMs), 2);
    assert.equal((await store.between(1, 0, 200 * minuteMs)).length, 1);
  });
});
