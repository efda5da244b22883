import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  inOrder,
  isTrouble,
  isWanted,
  type FloorAgentRow,
  type FloorSort,
} from '../../../dialer/floor/floor-row.ts';

const now = 1_000_000;

const row = (id: number, given: Partial<FloorAgentRow> = {}): FloorAgentRow => ({
  ...{
    id,
    name: `Agent ${id}`,
    word: 'ready',
    tone: 'ready',
    since: now - 10_000,
    limitMs: 60_000,
    note: '',
  },
  ...{ next: null, phoneLost: false, campaignIds: [1], campaignId: null, call: null },
  ...given,
});
const call = {
  ...{ id: 'c', phone: '+1 415 555 0123', customerId: null, connectedAt: null },
  ...{ talking: true, asking: false, recordingPaused: false, line: null },
};
const line = (mos: number) => ({
  ...{
    mos,
    grade: mos < 3.5 ? ('poor' as const) : ('good' as const),
    jitterMs: 1,
    loss: 0,
    roundTripMs: null,
  },
});
const ids = (rows: readonly FloorAgentRow[], sort: FloorSort) =>
  inOrder(rows, sort, now, (id) => ['', 'Zinc', 'Amber'][id]!, new Intl.Collator('en')).map(({ id }) => id);

describe('the order of the floor', () => {
  it('puts a customer whose agent has lost the phone first, then other lost phones, then what is far past its limit', () => {
    const rows = [
      row(1),
      row(2, { since: now - 70_000 }),
      row(3, { word: 'wrapup', since: now - 90_000, limitMs: 30_000 }),
      row(4, { word: 'phone-lost', phoneLost: true }),
      row(5, { word: 'phone-lost', phoneLost: true, call }),
    ];
    assert.deepEqual(ids(rows, 'trouble'), [5, 4, 3, 2, 1]);
  });

  it('puts the worst line before what is past its limit, and takes it for trouble', () => {
    const rows = [
      row(1, { word: 'wrapup', since: now - 90_000, limitMs: 30_000 }),
      row(2, { word: 'on-call', call: { ...call, line: line(3.4) } }),
      row(3, { word: 'on-call', call: { ...call, line: line(2.1) } }),
      row(4, { word: 'on-call', call: { ...call, line: line(3.6) } }),
      row(5, { word: 'phone-lost', phoneLost: true }),
    ];
    assert.deepEqual(ids(rows, 'trouble'), [5, 3, 2, 1, 4]);
    assert.deepEqual(rows.map((each) => isTrouble(each, now)), [true, true, true, false, true]); // prettier-ignore
  });

  it('puts those without trouble by state, the longest in it first', () => {
    const rows = [
      row(1),
      row(2, { since: now - 20_000 }),
      row(3, { word: 'paused' }),
      row(4, { word: 'on-call', call }),
      row(5, { word: 'signed-out', since: 0, limitMs: null }),
    ];
    assert.deepEqual(ids(rows, 'trouble'), [4, 2, 1, 3, 5]);
    assert.deepEqual(ids(rows, 'time'), [5, 2, 1, 3, 4]);
    assert.deepEqual(ids(rows, 'name'), [1, 2, 3, 4, 5]);
  });

  it('goes by the campaign of the call before those that an agent serves', () => {
    const rows = [row(1), row(2, { campaignIds: [1, 2], campaignId: 2 }), row(3, { campaignIds: [] })];
    assert.deepEqual(ids(rows, 'campaign'), [2, 1, 3]);
  });
});

describe('what a supervisor looks for on the floor', () => {
  const all = { campaign: null, state: null, q: '' };

  it('is trouble only past a limit that there is', () => {
    assert.equal(isTrouble(row(1, { since: now - 60_000 }), now), false);
    assert.equal(isTrouble(row(1, { since: now - 60_001 }), now), true);
    assert.equal(isTrouble(row(1, { since: 0, limitMs: null }), now), false);
    assert.equal(isTrouble(row(1, { since: 0, limitMs: 0 }), now), false);
  });

  it('leaves out who is signed out, unless they are asked for by state or name', () => {
    const off = row(1, { name: 'José Ávila', word: 'signed-out' });
    assert.equal(isWanted(off, all, now), false);
    assert.equal(isWanted(off, { ...all, state: 'off' }, now), true);
    assert.equal(isWanted(off, { ...all, q: 'jose avila' }, now), true);
    assert.equal(isWanted(off, { ...all, q: 'jose', campaign: 9 }, now), false);
  });

  it('finds a number however it is grouped, and holds are calls', () => {
    const held = row(1, { word: 'on-hold', call });
    assert.equal(isWanted(held, { ...all, q: '5550123' }, now), true);
    assert.equal(isWanted(held, { ...all, state: 'call' }, now), true);
    assert.equal(isWanted(held, { ...all, state: 'ready' }, now), false);
  });
});
