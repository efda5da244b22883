import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { foldByCampaign, type DayStep } from '../../../dialer/targets/agent-days.ts';
import { attained, targetFormSchema, type AgentDay, type Targets } from '../../../dialer/targets/target.ts';

const none: Targets = { calls: null, contacts: null, sales: null, talkShare: null, wrapupSeconds: null };
const idle: AgentDay = { calls: 0, contacts: 0, sales: 0, wrapupMs: 0, talkMs: 0, workMs: 0 };
const of = (targets: Partial<Targets>, day: Partial<AgentDay>) =>
  attained({ ...none, ...targets }, { ...idle, ...day }).map(({ measure, value, share, state }) => [
    ...[measure, value, Math.round(share * 100), state],
  ]);

describe('an agent’s day against targets', () => {
  it('names what is set, in its order, and nothing else', () => {
    assert.deepEqual(of({}, { calls: 9 }), []);
    assert.deepEqual(of({ sales: 4, calls: 20 }, { calls: 5, sales: 5 }), [
      ['calls', 5, 25, 'open'],
      ['sales', 5, 100, 'reached'],
    ]);
  });

  it('takes the talk share of the time at work, and nothing before there is any', () => {
    assert.deepEqual(of({ talkShare: 50 }, {}), [['talkShare', null, 0, 'open']]);
    assert.deepEqual(of({ talkShare: 50 }, { talkMs: 20_000, workMs: 100_000 }), [
      ['talkShare', 20, 40, 'open'],
    ]);
    assert.deepEqual(of({ talkShare: 50 }, { talkMs: 50, workMs: 100 }), [['talkShare', 50, 100, 'reached']]);
  });

  it('keeps an average wrap-up below its target', () => {
    const wrapup = (wrapupMs: number) => of({ wrapupSeconds: 30 }, { calls: 2, wrapupMs });
    assert.deepEqual(of({ wrapupSeconds: 30 }, {}), [['wrapupSeconds', null, 0, 'open']]);
    assert.deepEqual(wrapup(30_000), [['wrapupSeconds', 15, 50, 'reached']]);
    assert.deepEqual(wrapup(60_000), [['wrapupSeconds', 30, 100, 'reached']]);
    assert.deepEqual(wrapup(80_000), [['wrapupSeconds', 40, 100, 'over']]);
  });

  it('takes from a form what is filled in, one at the least, within what can be', () => {
    const read = (form: object) => targetFormSchema.safeParse({ campaignId: '3', ...form });
    assert.deepEqual(read({ calls: '40', day: '' }).data, {
      ...none,
      ...{ campaignId: 3, day: '', calls: 40 },
    });
    for (const wrong of [
      {},
      { calls: '' },
      { calls: '0' },
      { calls: '1.5' },
      { talkShare: '101' },
      { calls: '5', day: '2026-02-30' },
      { calls: '5', day: 'soon' },
    ])
      assert.equal(read(wrong).success, false, JSON.stringify(wrong));
  });

  it('adds a day up by campaign, and talk and work over all of them', () => {
    const step = (at: number, to: string, campaignId: number | null = null, callId = 'a'): DayStep => ({
      ...{ at, from: null, to, campaignId, callId },
    });
    const day = foldByCampaign(
      [
        step(100, 'paused'),
        step(200, 'ready'),
        step(300, 'reserved', 1),
        step(310, 'on-call', 1, 'a'),
        step(400, 'wrapup', 1, 'a'),
        step(450, 'wrapup', 1, 'a'),
        step(500, 'ready'),
        step(600, 'on-call', 2, 'b'),
        // Parked and taken up again.
        step(620, 'paused'),
        step(630, 'on-call', 2, 'b'),
        step(700, 'wrapup', 2, 'b'),
        step(710, 'signed-out'),
        step(10_000, 'on-call', 2, 'c'),
      ],
      'signed-out',
      0,
      1_000,
    );
    assert.deepEqual(
      [...day.campaigns],
      [
        [1, { calls: 1, wrapupMs: 100 }],
        [2, { calls: 1, wrapupMs: 10 }],
      ],
    );
    assert.equal(day.talkMs, 90 + 20 + 70);
    // From ready at 200 to sign-out at 710, less 10 of pause.
    assert.equal(day.workMs, 500);
  });

  it('goes on with what an agent did as the day began', () => {
    assert.equal(foldByCampaign([], 'on-call', 100, 400).talkMs, 300);
    assert.equal(foldByCampaign([], 'paused', 100, 400).workMs, 0);
  });
});
