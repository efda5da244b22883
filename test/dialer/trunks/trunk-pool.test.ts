import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { dialString, numberFor, type Trunk } from '../../../dialer/trunks/trunk.ts';
import { TrunkPool, type TrunkUse } from '../../../dialer/trunks/trunk-pool.ts';

const trunk = (id: number, given: Partial<Trunk> = {}): Trunk => ({
  id,
  name: `trunk ${id}`,
  host: '127.0.0.1',
  port: 5060,
  transport: 'udp',
  username: null,
  hasPassword: false,
  register: false,
  loginInFrom: false,
  codecs: ['alaw'],
  channels: 10,
  callsPerSecond: 100,
  prefixRules: [],
  callerId: null,
  position: id,
  weight: 10,
  headers: [],
  enabled: true,
  createdAt: 0,
  updatedAt: 0,
  ...given,
});

const pool = (...trunks: Trunk[]) => {
  const made = new TrunkPool();
  made.load(trunks);
  return made;
};
const none = new Set<number>();

describe('numbers as a trunk wants them', () => {
  it('follows the longest matching rule', () => {
    const rules = [
      { match: '+', strip: 1, add: '00' },
      { match: '+1', strip: 2, add: '9' },
      { match: '+1415', strip: 0, add: '' },
    ];
    assert.equal(numberFor(rules, '+41446681800'), '0041446681800');
    assert.equal(numberFor(rules, '+12125550100'), '92125550100');
    assert.equal(numberFor(rules, '+14155550100'), '+14155550100');
    assert.equal(numberFor([], '+14155550100'), '+14155550100');
    assert.equal(dialString({ id: 3, prefixRules: rules }, '+41446681800'), 'PJSIP/0041446681800@trunk-3');
  });

  it('fault: a rule cuts more than the number has – nothing is dialled, and not what is put before alone', () => {
    const rules = [{ match: '+', strip: 12, add: '9' }];
    assert.equal(numberFor(rules, '+86215550123'), null);
    assert.equal(dialString({ id: 3, prefixRules: rules }, '+86215550123'), null);
    assert.equal(numberFor(rules, '+8613955501234'), '934');
  });
});

describe('choice of a trunk', () => {
  it('takes the first in the campaign’s order, then the next for the same call', () => {
    const trunks = pool(trunk(1), trunk(2));
    const first = trunks.choose([2, 1], none, 0);
    assert.equal(first.ok && first.trunk.id, 2);
    const second = trunks.choose([2, 1], new Set([2]), 0);
    assert.equal(second.ok && second.trunk.id, 1);
    assert.deepEqual(trunks.choose([2, 1], new Set([1, 2]), 0), { ok: false, reason: 'tried' });
  });

  it('passes over trunks that are full, too fast, or switched off', () => {
    const trunks = pool(
      trunk(1, { channels: 1 }),
      trunk(2, { callsPerSecond: 1 }),
      trunk(3, { enabled: false }),
    );
    trunks.seize(1, 'a', 0);
    const second = trunks.choose([1, 2, 3], none, 0);
    assert.equal(second.ok && second.trunk.id, 2);
    trunks.seize(2, 'b', 0);
    assert.deepEqual(trunks.choose([1, 2, 3], none, 100), { ok: false, reason: 'calls-per-second' });
    assert.equal(trunks.choose([1, 2, 3], none, 1000).ok, true);
    trunks.free(1, 'a');
    const again = trunks.choose([1, 2, 3], none, 100);
    assert.equal(again.ok && again.trunk.id, 1);
    assert.deepEqual(trunks.choose([3], none, 0), { ok: false, reason: 'none' });
  });

  it('shares calls by weight among trunks of one rank, evenly spread', () => {
    const trunks = pool(trunk(1, { weight: 30 }), trunk(2, { weight: 10 }), trunk(3, { weight: 20 }));
    const taken: number[] = [];
    for (let n = 0; n < 60; n++) {
      const now = n * 1000;
      // It is asked more than once before a call leaves.
      trunks.choose([1, 2, 3], none, now, { shared: [2, 3] });
      const choice = trunks.choose([1, 2, 3], none, now, { shared: [2, 3] });
      assert.ok(choice.ok);
      taken.push(choice.trunk.id);
      trunks.seize(choice.trunk.id, `c${n}`, now, { among: choice.among });
      trunks.free(choice.trunk.id, `c${n}`);
    }
    const counts = (ids: number[]) => [1, 2, 3].map((id) => ids.filter((each) => each === id).length);
    assert.deepEqual(counts(taken), [30, 10, 20]);
    for (let from = 0; from < 60; from += 6) assert.deepEqual(counts(taken.slice(from, from + 6)), [3, 1, 2]);
  });

  it('leaves the rank below alone while one of a rank is free, and has nothing to catch up on after it was full', () => {
    const trunks = pool(trunk(1, { channels: 1 }), trunk(2), trunk(3));
    trunks.seize(1, 'long', 0);
    for (let n = 0; n < 20; n++) {
      const choice = trunks.choose([1, 2, 3], none, n, { shared: [2] });
      assert.equal(choice.ok && choice.trunk.id, 2);
      trunks.seize(2, `c${n}`, n, { among: choice.ok ? choice.among : [] });
      trunks.free(2, `c${n}`);
    }
    trunks.free(1, 'long');
    const next = [0, 1, 2, 3].map((n) => {
      const choice = trunks.choose([1, 2, 3], none, 2_000 + n, { shared: [2] });
      assert.ok(choice.ok);
      trunks.seize(choice.trunk.id, `d${n}`, 2_000 + n, { among: choice.among });
      trunks.free(choice.trunk.id, `d${n}`);
      return choice.trunk.id;
    });
    assert.deepEqual(next, [1, 2, 1, 2]);
    // What one refuses goes to the other of its rank before it goes down one.
    const failover = trunks.choose([1, 2, 3], new Set([1]), 9_000, { shared: [2] });
    assert.equal(failover.ok && failover.trunk.id, 2);
    const last = trunks.choose([1, 2, 3], new Set([1, 2]), 9_000, { shared: [2] });
    assert.equal(last.ok && last.trunk.id, 3);
  });

  it('keeps calls from a trunk in quarantine, whatever they have tried, unless no other works', () => {
    const trunks = pool(trunk(1), trunk(2));
    trunks.setHealth(new Map([[1, { state: 'quarantined' }]]));
    // As the database is read again.
    trunks.load([trunk(1), trunk(2)]);
    const only = (now: number) => {
      const choice = trunks.choose([1, 2], none, now);
      return choice.ok ? choice.trunk.id : choice.reason;
    };
    assert.equal(only(0), 2);
    assert.equal(trunks.capacity([1, 2], 0), 10);
    assert.deepEqual(trunks.choose([1, 2], new Set([2]), 0), { ok: false, reason: 'tried' });
    for (let n = 0; n < 3; n++) trunks.failed(2, 0);
    assert.equal(only(0), 1);
    assert.equal(trunks.capacity([1, 2], 0), 10);
    trunks.setHealth(new Map([[1, { state: 'held' }]]));
    assert.equal(only(0), 'failing');
    assert.equal(trunks.has([1]), false);
    trunks.setHealth(new Map());
    assert.equal(only(0), 1);
  });

  it('uses one in quarantine where this dialer has no channel of a sound one: it would call nobody at all', () => {
    const trunks = pool(trunk(1), trunk(2, { channels: 1 }));
    const first = () => {
      const choice = trunks.choose([1, 2], none, 0);
      return choice.ok ? choice.trunk.id : choice.reason;
    };
    for (const state of ['quarantined', 'probing'] as const) {
      trunks.setHealth(new Map([[1, { state }]]));
      trunks.shareWith(2, 1);
      assert.deepEqual([first(), trunks.capacity([1, 2], 0)], [1, 5], state);
    }
    trunks.setHealth(new Map([[1, { state: 'quarantined' }]]));
    trunks.shareWith(2, 0);
    assert.deepEqual([first(), trunks.capacity([1, 2], 0)], [2, 1], 'whose it is uses the sound one');
  });

  it('tries one that was in quarantine with a call every ten seconds, whatever its rank', () => {
    const trunks = pool(trunk(1), trunk(2));
    trunks.setHealth(new Map([[2, { state: 'probing' }]]));
    const taken: number[] = [];
    for (let now = 0; now <= 20_000; now += 500) {
      const promised = trunks.capacity([1, 2], now);
      let begun = 0;
      for (; begun < 3; begun++) {
        const choice = trunks.choose([1, 2], none, now);
        assert.ok(choice.ok);
        trunks.seize(choice.trunk.id, `${now} ${begun}`, now);
        if (choice.trunk.id === 2) taken.push(now);
        trunks.free(choice.trunk.id, `${now} ${begun}`);
      }
      assert.equal(promised, taken.at(-1) === now ? 11 : 10);
    }
    assert.deepEqual(taken, [0, 10_000, 20_000]);
  });

  it('tries trunks with another lead each time: who was not reached over one is not called to try any again', () => {
    const trunks = pool(trunk(1), trunk(2), trunk(3));
    trunks.setHealth(
      new Map([
        [2, { state: 'probing' as const }],
        [3, { state: 'probing' as const }],
      ]),
    );
    let begun = 0;
    const call = (lead: string, now: number, tried: ReadonlySet<number> = none): number => {
      const choice = trunks.choose([1, 2, 3], tried, now, { lead });
      assert.ok(choice.ok);
      const id = `c${begun++}`;
      trunks.seize(choice.trunk.id, id, now, { among: choice.among, lead });
      trunks.free(choice.trunk.id, id);
      return choice.trunk.id;
    };
    assert.equal(call('lead 7', 0), 2);
    assert.equal(call('lead 7', 1, new Set([2])), 1, 'redialled at once');
    assert.equal(call('lead 8', 2), 3, 'the turn was left for somebody else');
    assert.equal(call('lead 7', 20_000), 1, 'tried again later, or by another number');
    assert.equal(call('lead 9', 20_000), 2);
    assert.equal(call('lead 8', 40_000), 1);
    assert.equal(call('lead 7', 24 * 3_600_000), 2, 'a day later');
    // Where no other works they are called all the same.
    trunks.load([trunk(2), trunk(3)]);
    const only = trunks.choose([2, 3], none, 24 * 3_600_000 + 1, { lead: 'lead 7' });
    assert.ok(only.ok);
  });

  it('lets a trunk rest that keeps failing, tries it with one call, and longer each time', () => {
    const trunks = pool(trunk(1));
    assert.equal(trunks.failed(1, 0), null);
    assert.equal(trunks.failed(1, 0), null);
    assert.equal(trunks.failed(1, 0), 10_000);
    assert.deepEqual(trunks.choose([1], none, 5_000), { ok: false, reason: 'failing', until: 10_000 });
    assert.equal(trunks.capacity([1], 5_000), 0);
    assert.equal(trunks.capacity([1], 10_000), 1);
    trunks.seize(1, 'probe', 10_000);
    assert.equal(trunks.choose([1], none, 10_000).ok, false);
    assert.equal(trunks.failed(1, 10_000), 30_000);
    trunks.free(1, 'probe');
    trunks.seize(1, 'probe 2', 30_000);
    assert.equal(trunks.worked(1), true);
    assert.equal(trunks.capacity([1], 31_000), 9);
  });

  it('is to be tried from the end of its rest on, until a call rings or is carried', () => {
    const trunks = pool(trunk(1));
    const now = (at: number) => {
      const [{ restsUntil, toBeTried, troubledSince }] = trunks.status(at) as [TrunkUse];
      return [restsUntil, toBeTried, troubledSince];
    };
    trunks.failed(1, 5);
    assert.deepEqual(now(5), [null, false, 5]);
    for (let n = 0; n < 2; n++) trunks.failed(1, 5);
    assert.deepEqual(now(6), [10_005, false, 5]);
    assert.deepEqual(now(10_005), [null, true, 5]);
    trunks.seize(1, 'probe', 12_000);
    assert.deepEqual(now(12_000), [12_000, false, 5]);
    trunks.failed(1, 12_000);
    trunks.free(1, 'probe');
    assert.deepEqual(now(40_000), [null, true, 5]);
    trunks.seize(1, 'probe 2', 40_000);
    trunks.rings(1, 'probe 2');
    assert.deepEqual(now(40_000), [null, false, 5]);
  });

  it('is used to the full once the call that is to show whether it works rings, and rests for longer when it refuses then', () => {
    const trunks = pool(trunk(1));
    for (let n = 0; n < 3; n++) trunks.failed(1, 0);
    trunks.seize(1, 'probe', 10_000);
    assert.equal(trunks.rings(1, 'another'), false);
    assert.equal(trunks.capacity([1], 11_000), 0);
    assert.equal(trunks.rings(1, 'probe'), true);
    assert.equal(trunks.capacity([1], 11_000), 9);
    assert.equal(trunks.allRestUntil([1], 11_000), null);
    assert.equal(trunks.status(11_000)[0]?.restsUntil, null);
    // It rang, and was refused all the same.
    assert.equal(trunks.failed(1, 12_000), 32_000);
    trunks.free(1, 'probe');
    trunks.seize(1, 'probe 2', 32_000);
    trunks.rings(1, 'probe 2');
    assert.equal(trunks.failed(1, 33_000), 73_000);
    trunks.free(1, 'probe 2');
    trunks.seize(1, 'probe 3', 73_000);
    trunks.rings(1, 'probe 3');
    trunks.worked(1);
    assert.equal(trunks.failed(1, 74_000), null);
  });

  it('lets a trunk rest at once that refuses our login, and knows it until it carries a call', () => {
    const trunks = pool(trunk(1), trunk(2));
    assert.equal(trunks.failed(1, 0, true), 10_000);
    assert.equal(trunks.thatRefusesUs([2, 1])?.id, 1);
    trunks.worked(1);
    assert.equal(trunks.thatRefusesUs([2, 1]), null);
  });

  it('takes different numbers that are refused in a row, and nobody says why, for the trunk’s trouble', () => {
    const trunks = pool(trunk(1));
    assert.equal(trunks.doubted(1, '+1', 0), null);
    assert.equal(trunks.doubted(1, '+1', 0), null);
    assert.equal(trunks.doubted(1, '+2', 0), null);
    assert.equal(trunks.thatRefusesUs([1]), null);
    assert.equal(trunks.doubted(1, '+3', 0), 10_000);
    assert.equal(trunks.thatRefusesUs([1])?.id, 1);
  });

  it('takes no barred numbers for its own trouble while it brings other calls to ring', () => {
    const trunks = pool(trunk(1));
    for (const number of ['+1', '+2', '+3', '+4', '+5', '+6']) {
      assert.equal(trunks.doubted(1, number, 0), null);
      trunks.rings(1, `a call beside ${number}`);
    }
    assert.equal(trunks.thatRefusesUs([1]), null);
  });

  it('takes a number for refused itself that is refused again after others went through', () => {
    const trunks = pool(trunk(1));
    assert.equal(trunks.doubted(1, '+1', 0), null);
    trunks.worked(1);
    for (const other of ['+2', '+3']) assert.equal(trunks.doubted(1, other, 0), null);
    trunks.worked(1);
    for (const _again of [1, 2]) assert.equal(trunks.doubted(1, '+1', 0), 'number');
    assert.deepEqual(trunks.choose([1], none, 0).ok, true);
  });

  it('forgets what spoke against a trunk when it is changed', () => {
    const trunks = pool(trunk(1));
    for (const number of ['+1', '+2', '+3']) trunks.doubted(1, number, 0);
    trunks.load([trunk(1, { updatedAt: 5 })]);
    assert.equal(trunks.thatRefusesUs([1]), null);
    assert.equal(trunks.doubted(1, '+4', 0), null);
  });

  it('gives another probe when the first told nothing', () => {
    const trunks = pool(trunk(1));
    for (let n = 0; n < 3; n++) trunks.failed(1, 0);
    trunks.seize(1, 'probe', 10_000);
    trunks.free(1, 'probe');
    assert.equal(trunks.choose([1], none, 10_000).ok, true);
  });

  it('gives a changed trunk another chance at once, and keeps count of its calls', () => {
    const trunks = pool(trunk(1, { channels: 2 }));
    trunks.seize(1, 'a', 0);
    for (let n = 0; n < 3; n++) trunks.failed(1, 0);
    trunks.load([trunk(1, { channels: 2, updatedAt: 5 })]);
    assert.equal(trunks.capacity([1], 2_000), 1);
  });

  it('never exceeds its channels, nor its calls per second in any second, however it is asked', () => {
    const step = fc.record({ ms: fc.integer({ min: 0, max: 3_000 }), ends: fc.integer({ min: 0, max: 30 }) });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.oneof(fc.integer({ min: 1, max: 8 }), fc.double({ min: 0.1, max: 8, noNaN: true })),
        fc.array(step, { maxLength: 80 }),
        (channels, callsPerSecond, steps) => {
          const trunks = pool(trunk(1, { channels, callsPerSecond }));
          const up: string[] = [];
          const starts: number[] = [];
          let now = 0;
          for (const { ms, ends } of steps) {
            now += ms;
            for (const id of up.splice(0, ends)) trunks.free(1, id);
            const promised = trunks.capacity([1], now);
            let begun = 0;
            while (trunks.choose([1], none, now).ok) {
              const id = `c${starts.length}`;
              trunks.seize(1, id, now);
              up.push(id);
              starts.push(now);
              begun += 1;
            }
            assert.equal(begun, promised);
            assert.ok(up.length <= channels);
          }
          for (const [n, at] of starts.entries()) {
            const inSecond = starts.slice(n).filter((other) => other - at < 1000).length;
            assert.ok(inSecond <= Math.max(1, callsPerSecond), `${inSecond} calls in the second from ${at}`);
            const next = starts[n + 1];
            if (callsPerSecond < 1 && next !== undefined) assert.ok(next - at >= 1000 / callsPerSecond);
          }
        },
      ),
    );
  });

  it('uses a rate to the full, second after second, and one below a call a second as well', () => {
    for (const [callsPerSecond, calls] of [
      [5, 50],
      [0.5, 5],
      [0.1, 1],
    ] as const) {
      const trunks = pool(trunk(1, { channels: 1_000, callsPerSecond }));
      let begun = 0;
      for (let now = 0; now < 10_000; now += 50)
        while (trunks.choose([1], none, now).ok) trunks.seize(1, `c${begun++}`, now);
      assert.equal(begun, calls, `${callsPerSecond} a second`);
    }
  });

  it('is shared out among dialers: together they have its channels and its calls per second', () => {
    for (const of of [1, 2, 3, 5]) {
      let [lines, begun] = [0, 0];
      for (let index = 0; index < of; index++) {
        const trunks = pool(trunk(1, { channels: 7, callsPerSecond: 10 }));
        trunks.shareWith(of, index);
        trunks.load([trunk(1, { channels: 7, callsPerSecond: 10 })]);
        for (let n = 0; trunks.choose([1], none, n * 10_000).ok; n++) trunks.seize(1, `c${n}`, n * 10_000);
        lines += trunks.status(0)[0]!.channelsInUse;
        const fast = pool(trunk(1, { channels: 700, callsPerSecond: 10 }));
        fast.shareWith(of, index);
        begun += fast.capacity([1], 0);
      }
      assert.equal(lines, 7);
      assert.ok(begun <= 10 && begun > 5, `${begun} calls a second of ${of} dialers`);
    }
  });

  it('leaves no dialer without a line where there are as many as dialers, on whatever trunks', () => {
    const small = [1, 2, 3].map((id) => trunk(id, { channels: 1, callsPerSecond: 10 }));
    for (let index = 0; index < 3; index++) {
      const trunks = pool(...small);
      trunks.shareWith(3, index);
      assert.equal(trunks.capacity([1, 2, 3], 0), 1, `dialer ${index}`);
    }
  });

  it('is not held up by a clock that is set back', () => {
    const trunks = pool(trunk(1, { callsPerSecond: 1 }));
    trunks.seize(1, 'a', 3_600_000);
    assert.equal(trunks.capacity([1], 1_000), 1);
  });

  it('takes a call that is found on it for a channel, and for no new call', () => {
    const trunks = pool(trunk(1, { channels: 2, callsPerSecond: 1 }));
    trunks.occupy(1, 'found');
    assert.equal(trunks.capacity([1], 0), 1);
    trunks.occupy(1, 'another');
    assert.equal(trunks.hasRoom(1, 0), false);
  });

  it('counts a call that goes out again over another trunk on that trunk as well', () => {
    const trunks = pool(trunk(1, { callsPerSecond: 1 }), trunk(2, { callsPerSecond: 1 }));
    trunks.seize(1, 'a', 0);
    trunks.free(1, 'a');
    trunks.seize(2, 'a again', 0);
    assert.equal(trunks.capacity([1, 2], 500), 0);
    assert.equal(trunks.capacity([1, 2], 1_000), 2);
  });

  it('sends no probe faster than the trunk’s calls per second', () => {
    const trunks = pool(trunk(1, { callsPerSecond: 0.1 }));
    trunks.seize(1, 'a', 9_000);
    for (let n = 0; n < 3; n++) trunks.failed(1, 0);
    assert.equal(trunks.capacity([1], 10_000), 0);
    assert.equal(trunks.capacity([1], 19_000), 1);
  });
});
