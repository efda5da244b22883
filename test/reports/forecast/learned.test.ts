import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { learn, type PastCall } from '../../../reports/forecast/learned.ts';
import { segmentsOf, zonesOf, type SampledLead } from '../../../reports/forecast/make-up.ts';

const call = (of: Partial<PastCall> & { ring?: number; talk?: number; wrap?: number }): PastCall => {
  const { ring = 10, talk = 60, wrap = 20, ...rest } = of;
  const answered = rest.outcome === 'answered';
  const answeredAt = answered || rest.outcome === 'machine' ? ring * 1000 : null;
  const endedAt = answered ? (ring + talk) * 1000 : ring * 1000;
  return {
    hour: 10,
    attempt: 1,
    outcome: 'no-answer',
    dialedAt: 0,
    answeredAt,
    connectedAt: answered ? answeredAt : null,
    endedAt,
    wrappedUpAt: answered ? endedAt + wrap * 1000 : null,
    ...rest,
  };
};
const many = (count: number, of: Parameters<typeof call>[0]) => Array.from({ length: count }, () => call(of));

describe('what past calls teach', () => {
  it('is answer probability by hour and attempt, how calls end, and how long they take', () => {
    const calls = [
      ...many(200, { outcome: 'answered', hour: 19, talk: 100, wrap: 30, ring: 8 }),
      ...many(200, { outcome: 'no-answer', hour: 19, ring: 24 }),
      ...many(50, { outcome: 'answered', hour: 10, attempt: 2, talk: 100, wrap: 30, ring: 8 }),
      ...many(350, { outcome: 'no-answer', hour: 10, attempt: 2, ring: 24 }),
      ...many(100, { outcome: 'machine', hour: 3, ring: 15 }),
      ...many(100, { outcome: 'unallocated', hour: 3, ring: 1 }),
      ...many(500, { outcome: 'cancelled' }),
    ];
    const learned = learn(calls, 'campaign', 25_000);
    assert.equal(learned.calls, 1000);
    assert.equal(learned.answer.base, 0.25);
    assert.ok(learned.answer.byHour[19]! > 1.6 && learned.answer.byHour[10]! < 0.7);
    assert.equal(learned.answer.byHour[12], 1, 'nothing known of noon');
    assert.ok(learned.answer.byAttempt[0]! > learned.answer.byAttempt[1]!);
    assert.ok(
      Math.abs(learned.shares.machine - 0.1) < 1e-9 && Math.abs(learned.shares.unallocated - 0.1) < 1e-9,
    );
    const { talk, wrapup, answer, silence, failure } = learned.lengths;
    assert.deepEqual(
      [talk.mean, wrapup.mean, answer.mean, silence.mean, failure.mean].map(Math.round),
      [100, 30, 8, 24, 1],
    );
    assert.equal(talk.quantiles!.length, 21);
  });

  it('is nothing where there are too few: typical figures are said to be such', () => {
    const learned = learn(many(50, { outcome: 'answered' }), 'campaign', 30_000);
    assert.equal(learned.from, 'typical');
    assert.equal(learned.lengths.silence.mean, 30);
  });
});

describe('the make-up of a list', () => {
  const lead = (zone: string, open: string, of: Partial<SampledLead> = {}): SampledLead => ({
    zone,
    localMinutes: zone === 'east' ? 600 : 420,
    attempts: 0,
    dueIn: 0,
    open: [...open].map((slot) => slot === '1'),
    ...of,
  });

  it('groups leads that open together, by zone, each standing for as many', () => {
    const sample = [
      lead('east', '0110'),
      lead('east', '0110', { attempts: 2 }),
      lead('east', '0110', { attempts: 1, dueIn: 1000 }),
      lead('west', '0011'),
    ];
    const segments = segmentsOf(sample, 10, 1800);
    assert.deepEqual(segments, [
      {
        openings: [[1800, 5400]],
        localMinutes: 600,
        due: [10, 0, 10],
        later: [{ at: 1800, attempts: 1, count: 10 }],
      },
      { openings: [[3600, 7200]], localMinutes: 420, due: [10], later: [] },
    ]);
    assert.deepEqual(zonesOf(sample, 10, 1800)[0], { zone: 'east', leads: 30, from: 1800, until: 5400 });
  });

  it('keeps few segments, however many windows single leads have', () => {
    const sample = Array.from({ length: 200 }, (_, n) => lead('east', n.toString(2).padStart(8, '0')));
    const segments = segmentsOf(sample, 1, 1800);
    assert.equal(segments.length, 24);
    assert.equal(
      segments.reduce((sum, { due }) => sum + due[0]!, 0),
      200,
    );
  });
});
