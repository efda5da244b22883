import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import type { PhoneHolder } from '../../../dialer/phone-holders/phone-holder.ts';
import { PhoneHolding } from '../../../views/browser/softphone/phone-holding.ts';

describe('the phone between an agent’s browsers', () => {
  let timers: SinonFakeTimers;
  let done: string[];
  /** What the server answers to who takes the phone; each an error where it is not reached. */
  let answers: (PhoneHolder | Promise<PhoneHolder> | Error)[];

  beforeEach(() => {
    timers = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    done = [];
    answers = [];
  });
  afterEach(() => timers.restore());

  const here = 'here';
  const page = (known: PhoneHolder | null = null) =>
    new PhoneHolding(
      {
        browser: here,
        take: async () => {
          done.push('take');
          const answer = answers.shift() ?? new Error('not reached');
          if (answer instanceof Error) throw answer;
          return answer;
        },
        left: async () => done.push('left'),
        giveUp: () => done.push('giveUp'),
        isHere: () => done.push('isHere'),
        registerAgain: () => done.push('registerAgain'),
        remember: (displaced) => done.push(displaced ? 'displaced' : 'not displaced'),
      },
      known,
    );
  const pass = (ms: number) => timers.tickAsync(ms);
  /** A page that has the phone, of turn 3. */
  const holder = async () => {
    answers = [{ browser: here, turn: 3 }];
    const holding = page({ browser: 'there', turn: 2 });
    holding.registered();
    await pass(0);
    done = [];
    return holding;
  };

  it('is taken as soon as the line is up, not before, and once', async () => {
    answers = [{ browser: here, turn: 3 }];
    const holding = page({ browser: 'there', turn: 2 });
    // As the stream tells it first.
    holding.hear({ browser: 'there', turn: 2 });
    await pass(10_000);
    assert.deepEqual(done, []);
    holding.registered();
    await pass(0);
    holding.registered();
    holding.hear({ browser: here, turn: 3 });
    await pass(10_000);
    assert.deepEqual(done, ['take']);
  });

  it('is given up at once when another browser takes it, and that one is asked to register again', async () => {
    const holding = await holder();
    holding.hear({ browser: 'there', turn: 4 });
    assert.deepEqual(done, ['displaced', 'giveUp']);
    await pass(1_000);
    assert.deepEqual(done, ['displaced', 'giveUp', 'left']);
    // A line that came back by itself after the network was away takes nothing, and is closed by the next word.
    holding.registered();
    holding.hear({ browser: 'there', turn: 4 });
    await pass(1_000);
    assert.deepEqual(done.slice(3), ['displaced', 'giveUp']);
  });

  it('is not given up for what is old', async () => {
    const holding = await holder();
    holding.hear({ browser: 'there', turn: 2 });
    await pass(1_000);
    assert.deepEqual(done, []);
  });

  it('is given up where another has taken it while this one’s word was on its way, whatever came first', async () => {
    for (const [turn, gives] of [
      [4, true],
      [2, false],
    ] as const) {
      done = [];
      let answer: (held: PhoneHolder) => void = () => undefined;
      answers = [new Promise((resolve) => (answer = resolve))];
      const holding = page();
      holding.registered();
      holding.hear({ browser: 'there', turn });
      assert.deepEqual(done, ['take']);
      answer({ browser: here, turn: 3 });
      await pass(0);
      assert.equal(done.includes('giveUp'), gives, `turn ${turn}`);
    }
  });

  it('is told of until the server has heard it (fault: not reached)', async () => {
    answers = [new Error('away'), new Error('away'), { browser: here, turn: 1 }];
    const holding = page();
    holding.registered();
    await pass(60_000);
    assert.deepEqual(done, ['take', 'take', 'take']);
  });

  it('is registered again where the one that had it has let go', async () => {
    const holding = await holder();
    holding.hear({ browser: here, turn: 3, again: true });
    assert.deepEqual(done, ['registerAgain']);
  });

  it('comes back when it is taken back, and into another tab of the browser that took it', async () => {
    const holding = await holder();
    holding.hear({ browser: 'there', turn: 4 });
    await pass(1_000);
    done = [];
    holding.wants();
    answers = [{ browser: here, turn: 5 }];
    holding.registered();
    await pass(0);
    assert.deepEqual(done, ['not displaced', 'take']);
    const tab = page({ browser: 'there', turn: 4 });
    done = [];
    tab.hear({ browser: here, turn: 5 });
    assert.deepEqual(done, ['isHere']);
  });

  it('stays with who takes it while this page still waits for its line', async () => {
    const holding = page({ browser: 'there', turn: 2 });
    holding.hear({ browser: 'third', turn: 3 });
    holding.registered();
    await pass(1_000);
    assert.deepEqual(done, ['displaced', 'giveUp', 'left']);
  });
});
