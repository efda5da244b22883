import assert from 'node:assert/strict';
import { bucketMs, figuresOf, fold, type FoldedEvent } from '../../../reports/rollups/rollup.ts';
import { withoutGap } from '../../../reports/rollups/rollup-store.ts';
import {
  contactRate,
  conversion,
  livePersons,
  meanAnswerWait,
  share,
} from '../../../reports/metrics/figures.ts';
import { connectionsOwed } from '../../../reports/dashboard/campaign-live.ts';

const start = 1_000 * bucketMs;
let id = 0;
function event(part: Partial<FoldedEvent> & { to: string }): FoldedEvent {
  return {
    id: ++id,
    at: start,
    campaignId: 7,
    from: null,
    event: 'x',
    outcome: null,
    answeredAt: null,
    liveAt: null,
    connectedAt: null,
    abandonedAt: null,
    isCheck: false,
    leftAt: null,
    endedAt: null,
    unmetSince: null,
    disposition: null,
    ...part,
  };
}
const total = (events: FoldedEvent[]) =>
  figuresOf(
    [...fold(events).values()].flatMap((row) => [...row].map(([figure, value]) => ({ figure, value }))),
  );

describe('rollup of call events', () => {
  it('counts one attempt for a call that a second trunk took over', () => {
    const figures = total([
      event({ from: 'created', to: 'dialing', event: 'dial' }),
      event({ from: 'dialing', to: 'dialing', event: 'redial' }),
      event({ from: 'ringing', to: 'dialing', event: 'redial' }),
    ]);
    assert.equal(figures.attempts, 1);
  });

  it('counts a live person once, through hold and a lost agent', () => {
    const figures = total([
      event({ from: 'waiting', to: 'connected', at: start + 5, connectedAt: start + 5 }),
      event({ from: 'held', to: 'connected', at: start + 50, connectedAt: start + 5 }),
      event({ from: 'waiting', to: 'connected', at: start + 90, connectedAt: start + 5 }),
    ]);
    assert.equal(figures.connected, 1);
  });

  it('counts an abandoned call once, whether the message was heard or not', () => {
    const heard = total([
      event({ from: 'waiting', to: 'announcing' }),
      event({ from: 'announcing', to: 'ended', outcome: 'abandoned' }),
    ]);
    const hungUpFirst = total([event({ from: 'waiting', to: 'ended', outcome: 'abandoned' })]);
    assert.equal(heard.abandoned, 1);
    assert.equal(hungUpFirst.abandoned, 1);
    assert.equal(heard.outcomes.abandoned, 1);
  });

  it('counts nobody as abandoned who had met an agent before the message', () => {
    const met = { connectedAt: start + 5, answeredAt: start, liveAt: start };
    const figures = total([
      event({ from: 'waiting', to: 'connected', at: start + 5, ...met }),
      event({ from: 'waiting', to: 'announcing', at: start + 50, ...met }),
      event({ from: 'announcing', to: 'ended', at: start + 60, ...met, outcome: 'answered' }),
    ]);
    assert.deepEqual([figures.connected, figures.abandoned, figures.outcomes.answered], [1, 0, 1]);
  });

  it('counts whom an agent met too late as abandoned, and who hung up at once as a live person only', () => {
    const late = total([
      event({
        from: 'waiting',
        to: 'connected',
        at: start + 5,
        connectedAt: start + 5,
        abandonedAt: start + 5,
      }),
      event({
        ...{ from: 'connected', to: 'ended', at: start + 90, connectedAt: start + 5, abandonedAt: start + 5 },
        ...{ outcome: 'answered', answeredAt: start - 3_000, liveAt: start - 2_500, endedAt: start + 90 },
      }),
    ]);
    assert.deepEqual([late.connected, late.abandoned, late.connectedLate], [0, 1, 1]);
    assert.equal(meanAnswerWait(late), 2_505);
    const gone = total([event({ from: 'waiting', to: 'ended', outcome: 'hung-up' })]);
    assert.deepEqual([gone.connected, gone.abandoned, livePersons(gone)], [0, 0, 1]);
  });

  it('takes talk and answer-to-agent time from the ended call', () => {
    const figures = total([
      event({
        from: 'connected',
        to: 'ended',
        outcome: 'answered',
        answeredAt: start,
        connectedAt: start + 200,
        endedAt: start + 60_200,
      }),
    ]);
    assert.equal(figures.talkMs, 60_000);
    const lost = { connectedAt: start, leftAt: start + 2_000, endedAt: start + 19_000 };
    assert.equal(
      total([event({ from: 'waiting', to: 'ended', outcome: 'answered', ...lost })]).talkMs,
      2_000,
    );
    assert.equal(figures.answerWaitMs, 200);
    assert.equal(figures.outcomes.answered, 1);
  });

  it('keeps campaigns and spans apart, and calls without a campaign out', () => {
    const increments = fold([
      event({ from: 'created', to: 'dialing' }),
      event({ from: 'created', to: 'dialing', campaignId: 8 }),
      event({ from: 'created', to: 'dialing', at: start + bucketMs }),
      event({ from: 'created', to: 'dialing', campaignId: null }),
    ]);
    assert.deepEqual([...increments.keys()].sort(), [`7|${start}`, `7|${start + bucketMs}`, `8|${start}`]);
  });

  it('takes sales and right party from dispositions', () => {
    const figures = total([
      event({
        from: 'ended',
        to: 'ended',
        event: 'disposed',
        disposition: { category: 'sale', rightParty: true },
      }),
      event({
        from: 'ended',
        to: 'ended',
        event: 'disposed',
        disposition: { category: 'wrong_person', rightParty: false },
      }),
    ]);
    assert.deepEqual([figures.disposed, figures.rightParty, figures.sales], [2, 1, 1]);
    assert.equal(conversion(figures), 1);
  });
});

describe('events read while others are being written', () => {
  const events = [event({ to: 'x', at: start }), event({ to: 'x', at: start })].map((one, index) => ({
    ...one,
    id: index === 0 ? 11 : 13,
  }));

  it('stops before an id that may still be committed', () => {
    assert.deepEqual(
      withoutGap(events, 10, 0).map((one) => one.id),
      [11],
    );
  });

  it('goes past an id that never came', () => {
    assert.deepEqual(
      withoutGap(events, 10, 13).map((one) => one.id),
      [11, 13],
    );
  });
});

describe('rates', () => {
  it('are nothing where nothing was counted', () => {
    assert.equal(share(0, 0), null);
    assert.equal(contactRate(total([])), null);
  });

  it('contact rate is live persons over attempts', () => {
    const figures = total([
      event({ from: 'created', to: 'dialing' }),
      event({ from: 'created', to: 'dialing' }),
      event({ from: 'waiting', to: 'announcing' }),
    ]);
    assert.equal(contactRate(figures), 0.5);
  });

  it('tells how many connected calls bring an abandon rate back under its cap', () => {
    assert.equal(connectionsOwed({ connected: 97, abandoned: 3 }, 0.03), 0);
    assert.equal(connectionsOwed({ connected: 10, abandoned: 1 }, 0.03), 23);
    assert.equal(connectionsOwed({ connected: 0, abandoned: 0 }, 0.03), 0);
  });
});
