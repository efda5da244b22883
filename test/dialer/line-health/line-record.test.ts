import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { advanceCall, newCall, type Call, type CallEvent } from '../../../dialer/calls/call.ts';
import { createLineResultStore } from '../../../dialer/line-health/line-result-store.ts';
import { LineRecord } from '../../../dialer/line-health/line-record.ts';
import type { SpanResult } from '../../../dialer/line-health/line-result.ts';
import { testApp, type TestApp } from '../../support/app.ts';

describe('what is counted of the calls on a trunk', () => {
  const [main, backup] = [1, 2];
  const shown = '+14155550199';
  let app: TestApp;
  let record: LineRecord;
  let made = 0;

  beforeEach(async () => {
    app = await testApp();
    record = new LineRecord(app);
  });
  afterEach(() => app.close());

  /** A call of a campaign that goes through these; `refused` is the network's end of a leg. */
  const call = (...steps: (CallEvent | 'refused')[]): void => {
    const at = app.clock.now();
    let current: Call = newCall(
      {
        ...{ id: `call ${++made}`, direction: 'out', path: 'power', campaignId: 7, leadId: made },
        ...{ customerId: made, e164: '+14155550105', attempt: 1 },
      },
      at,
    );
    steps.forEach((step, n) => {
      if (step === 'refused') return record.unanswered(current, shown, 'congestion');
      const next = advanceCall(current, step, at + n * 10_000);
      assert.ok(next.ok, step.type);
      current = next.call;
      record.moved(current, shown, step.type, at + n * 10_000);
    });
  };
  const dial = (trunkId: number): CallEvent => ({ type: 'dial', trunkId, callerId: shown });
  const redial = (trunkId: number): CallEvent => ({ type: 'redial', trunkId, callerId: shown });
  const of = async (trunkId: number): Promise<SpanResult | undefined> => {
    await record.write();
    const rows = await createLineResultStore(app).since('trunk', 0);
    return rows.find(({ subject }) => subject === String(trunkId));
  };

  it('fault: a trunk takes what another has refused – such calls are answered less anywhere, and are none of its own', async () => {
    for (let n = 0; n < 5; n++) call(dial(main), 'refused', redial(backup), 'refused');
    call(dial(main), 'refused', redial(backup), { type: 'ringing' }, { type: 'answer' });
    call(dial(backup), { type: 'ringing' }, { type: 'answer' });
    const [first, second] = [await of(main), await of(backup)];
    assert.deepEqual([first?.calls, first?.causes], [6, { congestion: 6 }]);
    assert.deepEqual([second?.calls, second?.answered, second?.causes], [1, 1, {}]);
    call(dial(main), redial(backup), 'refused');
    assert.deepEqual([(await of(main))?.calls, (await of(backup))?.calls], [6, 1]);
  });

  it('does not take a trunk that says nothing before the answer for one that rings late', async () => {
    call(dial(main), { type: 'answer' });
    call(dial(main), { type: 'detect' });
    call(dial(main), { type: 'ringing' }, { type: 'answer' });
    const result = (await of(main))!;
    assert.deepEqual([result.calls, result.answered, result.rung, result.late], [3, 3, 1, 1]);
    assert.deepEqual(result.delays, { 40: 1 }, 'only where it is known when it rang');
  });
});
