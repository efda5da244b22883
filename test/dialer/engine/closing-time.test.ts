import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { defaultHours, type CallingHours } from '../../../campaigns/index.ts';
import { closesAt } from '../../../dialer/engine/closing-time.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);

describe('the end of a campaign’s calling hours', () => {
  const hours: CallingHours = {
    ...defaultHours,
    mon: [
      ['09:00', '12:00'],
      ['13:00', '20:00'],
    ],
    sat: [['10:00', '24:00']],
  };

  it('is the end of the last window of the day in its own zone', () => {
    const taipei = { zone: 'Asia/Taipei', hours };
    // Monday nine in the morning, and over lunch: eight in the evening.
    assert.equal(closesAt(taipei, utc('2026-01-05T01:00')), utc('2026-01-05T12:00'));
    assert.equal(closesAt(taipei, utc('2026-01-05T04:30')), utc('2026-01-05T12:00'));
    // Saturday until midnight.
    assert.equal(closesAt(taipei, utc('2026-01-10T06:00')), utc('2026-01-10T16:00'));
  });

  it('is not known on a closed day and once it is over', () => {
    const taipei = { zone: 'Asia/Taipei', hours };
    assert.equal(closesAt(taipei, utc('2026-01-11T03:00')), undefined);
    assert.equal(closesAt(taipei, utc('2026-01-05T12:00')), undefined);
  });

  it('is right on the day on which the clock is changed', () => {
    const week = { ...hours, sun: [['01:00', '20:00'] as const] };
    // Clocks go forward at two: 20:00 is UTC−4, though it is UTC−5 at one.
    assert.equal(
      closesAt({ zone: 'America/New_York', hours: week }, utc('2026-03-08T06:30')),
      utc('2026-03-09T00:00'),
    );
  });
});
