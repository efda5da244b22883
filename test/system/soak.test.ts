import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { checkFlat } from '../../bench/soak/flat.ts';
import type { Measure } from '../../bench/soak/measures.ts';
import { runSoak } from '../../bench/soak/soak.ts';

const minuteMs = 60_000;

/** `npm run bench -- soak` runs a whole day of five campaigns, with the same checks. */
describe('traffic for hours', function () {
  this.timeout(180_000);

  it('leaves memory and rows flat, and sums of parts that are the whole', async () => {
    const { checks, measures } = await runSoak({
      ...{ hours: 1 / 3, leads: 300, from: 17, everyMs: 2 * minuteMs },
      only: /Manchester|San Diego/,
      heapBoundMb: 1,
      ...(process.env.LOG_LEVEL ? { tell: console.log } : {}),
    });
    assert.ok(measures.at(-1)!.calls > 150, `${measures.at(-1)!.calls} calls`);
    assert.ok(checks.length >= 17);
    assert.deepEqual(checks.flatMap(({ name, wrong }) => wrong.map((line) => `${name}: ${line}`)), []); // prettier-ignore
  });

  const shifts = [{ campaignId: 1, userIds: [1, 2], from: 8, to: 18 }];
  const measure = (part: Partial<Measure> = {}, rows: Record<string, number> = {}): Measure => ({
    ...{ at: 0, heapMb: 100, rssMb: 0, timers: 10, handles: 0, calls: 0, kept: {} },
    ...part,
    rows: new Proxy(rows, { get: (its, name) => its[name as string] ?? 0 }),
  });
  const wrongOf = (measures: Measure[], last = measure()) =>
    checkFlat({ shifts }, measures, last, 4).flatMap(({ wrong }) => wrong);

  it('fault: memory that grows, rows that pile up, and what is left at last are told', () => {
    const hours = (heapMb: (hour: number) => number, rows = {}) =>
      Array.from({ length: 24 }, (_, hour) => measure({ heapMb: heapMb(hour) }, rows));
    assert.deepEqual(wrongOf(hours((hour) => (hour < 6 ? 50 + 8 * hour : 98 + (hour % 3)))), []);
    assert.match(wrongOf(hours((hour) => 100 + hour / 2)).join(), /grown by 6\.0 MB/);
    assert.match(wrongOf(hours(() => 100, { 'live calls': 13 })).join(), /live calls: 13/);
    assert.match(
      wrongOf(
        hours(() => 100),
        measure({}, { 'leads held': 1 }),
      ).join(),
      /leads held: 1/,
    );
    assert.match(
      wrongOf(
        hours(() => 100),
        measure({ timers: 60 }),
      ).join(),
      /timers: 60/,
    );
  });
});
