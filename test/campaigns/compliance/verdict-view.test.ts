import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { localTimes } from '../../../campaigns/compliance/verdict-view.ts';
import { formatLocal } from '../../../core/time/local-day.ts';
import { localTime } from '../../../core/time/local-time.ts';
import { zoneRules } from '../../../core/time/zone-rules.ts';

describe('the local times of a verdict', () => {
  // The engine's data (2025c) have Vancouver an hour behind in this winter.
  const ten = Date.UTC(2026, 11, 8, 17);

  it('are those that the gate read, where the engine reads another clock', () => {
    const local = { 'America/Vancouver': formatLocal(zoneRules('America/Vancouver')!, ten) };
    assert.deepEqual(
      localTimes({ local }, 'en').map(({ clock }) => clock),
      ['Dec 8, 2026 10:00:00'],
    );
  });

  it('are written in words on the same clock', () => {
    const there = localTime(ten, 'America/Vancouver').setLocale('en');
    assert.equal(there.toLocaleString({ weekday: 'short', hour: 'numeric', hourCycle: 'h23' }), 'Tue, 10');
    assert.equal(there.toISO(), '2026-12-08T10:00:00.000-07:00');
  });
});
