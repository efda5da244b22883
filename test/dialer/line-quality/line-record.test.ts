import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { useFakeTimers } from 'sinon';
import {
  lineNow,
  lineReport,
  type LineNow,
  type LineReport,
} from '../../../dialer/line-quality/line-quality.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { LineRecord } from '../../../views/browser/workspace/line-record.ts';
import type { LineQuality } from '../../../views/browser/softphone/phone.ts';
import { blankSnapshot, callOf } from '../workspace/support.ts';

describe('what a page measures of a talk', () => {
  const told: { callId: string; report: LineReport }[] = [];
  const toldNow: { callId: string; now: LineNow }[] = [];
  const start = () => {
    told.length = 0;
    toldNow.length = 0;
    return new LineRecord(
      (callId, report) => told.push({ callId, report }),
      (callId, now) => toldNow.push({ callId, now }),
    );
  };
  const talk = (id: string, part: object = {}): AgentSnapshot => ({
    ...blankSnapshot(1, 1),
    state: 'on-call',
    call: callOf({ id, campaignId: 1, ...part }),
  });
  const over: AgentSnapshot = { ...blankSnapshot(1, 1), state: 'wrapup', call: callOf({ id: 'a', campaignId: 1, state: 'ended' }) }; // prettier-ignore
  const look = (mos: number, part: Partial<LineQuality> = {}): LineQuality => ({
    ...{
      mos,
      grade: mos < 3.6 ? 'poor' : 'good',
      jitterMs: 10,
      lossIn: 0.02,
      lossOut: null,
      roundTripMs: 80,
    },
    ...part,
  });

  it('is told when the talk is over: means, the worst, and nothing that nobody reported', () => {
    const record = start();
    record.follow(talk('a'));
    record.take(look(4.2));
    record.take(look(3.2, { jitterMs: 50, lossIn: 0.1, roundTripMs: null }));
    assert.equal(told.length, 0);
    record.follow(over);
    assert.equal(told.length, 1);
    const { callId, report } = told[0]!;
    assert.equal(callId, 'a');
    const { page, mos, lossIn, ...rest } = report;
    assert.match(page, /^[a-z0-9]{12}$/);
    assert.ok(Math.abs(mos - 3.7) < 1e-9);
    assert.ok(Math.abs(lossIn - 0.06) < 1e-9);
    assert.deepEqual(rest, {
      ...{ looks: 2, poorLooks: 1, lowestMos: 3.2, jitterMs: 30, highestJitterMs: 50 },
      ...{ lossOut: null, roundTripMs: 80 },
    });
    assert.ok(lineReport.safeParse(report).success, 'the server takes it');
  });

  it('is told as it is now at the first look, then every six seconds as the mean of those since', () => {
    const clock = useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
    try {
      const record = start();
      record.follow(talk('a'));
      record.take(look(4.2, { lossIn: 0.01, lossOut: 0.03 }));
      assert.deepEqual(toldNow, [
        { callId: 'a', now: { mos: 4.2, jitterMs: 10, loss: 0.03, roundTripMs: 80 } },
      ]);
      for (const mos of [3, 3.2, 3.4]) {
        clock.tick(2_000);
        record.take(look(mos, { roundTripMs: null }));
      }
      assert.equal(toldNow.length, 2);
      const { mos, ...rest } = toldNow[1]!.now;
      assert.ok(Math.abs(mos - 3.2) < 1e-9);
      assert.deepEqual(rest, { jitterMs: 10, loss: 0.02, roundTripMs: null });
      assert.ok(
        toldNow.every(({ now }) => lineNow.safeParse(now).success),
        'the server takes it',
      );
      clock.tick(2_000);
      record.take(look(4));
      // Nothing of one talk is told of the next, and of a customer on hold nothing at all.
      record.follow(talk('b', { state: 'held' }));
      record.take(look(1));
      record.follow(talk('b'));
      record.take(look(4.4));
      assert.deepEqual(toldNow.slice(2).map(({ callId, now }) => [callId, now.mos]), [['b', 4.4]]); // prettier-ignore
    } finally {
      clock.restore();
    }
  });

  it('leaves out what was before the talk, beside a customer on hold, and looks that it has seen', () => {
    const record = start();
    record.take(look(1));
    record.follow(talk('a', { state: 'held' }));
    record.take(look(1));
    record.follow(talk('a'));
    const seen = look(4);
    record.take(seen);
    record.take(seen);
    record.take(null);
    record.follow(over);
    assert.deepEqual(
      told.map(({ report }) => [report.looks, report.lowestMos]),
      [[1, 4]],
    );
  });

  it('tells of two talks of one call apart', () => {
    const record = start();
    for (const mos of [4, 3]) {
      record.follow(talk('a'));
      record.take(look(mos));
      record.follow(over);
    }
    assert.deepEqual(told.map(({ report }) => report.looks), [1, 1]); // prettier-ignore
    assert.notEqual(told[0]!.report.page, told[1]!.report.page);
  });

  it('is told of each call by itself, all of it so far, and once where nothing is new', () => {
    const record = start();
    record.follow(talk('a'));
    record.take(look(4));
    record.tell();
    record.tell();
    record.take(look(4));
    record.follow(talk('b'));
    record.take(look(3));
    record.tell();
    assert.deepEqual(
      told.map(({ callId, report }) => [callId, report.looks, report.mos]),
      [
        ['a', 1, 4],
        ['a', 2, 4],
        ['b', 1, 3],
      ],
    );
  });
});
