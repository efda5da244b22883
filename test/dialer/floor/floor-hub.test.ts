import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { FloorHub, type Floor, type FloorNews } from '../../../dialer/floor/floor-hub.ts';
import { poorLineSetting } from '../../../dialer/floor/floor-settings.ts';
import { floorFor } from '../../../dialer/floor/floor-view.ts';
import { callOf } from '../workspace/support.ts';
import { testFloor, type TestFloor } from './support.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the live floor', () => {
  let f: TestFloor;
  let hub: FloorHub;
  let ann: number;
  let floor: Floor | null;
  let news: FloorNews[];

  beforeEach(async () => {
    f = await testFloor();
    ann = await f.agent('Ann');
    f.set(ann, { state: 'ready', phone: 'up' }, { tell: false });
    hub = new FloorHub(f.app);
    floor = null;
    news = [];
    hub.watch((seen, what) => {
      floor = seen;
      news.push(what);
    });
    await until(() => stateOf(ann) === 'ready');
  });
  afterEach(async () => {
    hub.close();
    await f.close();
  });

  const stateOf = (id: number) => floor?.agents.get(id)?.snapshot?.state;
  /** Lets the process do its work while time stands, or goes on by `stepMs` a turn. */
  async function until(done: () => unknown, stepMs = 250): Promise<void> {
    for (let turns = 0; turns < 4_000; turns++) {
      if (done()) return;
      if (turns % 20 === 19) f.app.clock.advance(stepMs);
      await turn();
    }
    throw new Error('it did not come');
  }

  it('tells of 300 agents and of every call within a second, in one piece a quarter of it', async () => {
    const names = Array.from({ length: 299 }, (_, n) => `Agent ${n}`);
    const ids = [ann, ...(await f.agents(names))];
    f.app.bus.publish('user.changed', { userId: ids.at(-1) });
    await until(() => floor?.agents.size === 300);
    const before = news.length;
    const at = f.app.clock.now();
    for (const id of ids) f.set(id, { state: 'on-call', since: at });
    f.call({ id: 'c1', state: 'waiting' });
    await until(() => ids.every((id) => stateOf(id) === 'on-call') && floor?.calls.has('c1'));
    assert.ok(f.app.clock.now() - at <= 1_000, `told after ${f.app.clock.now() - at} ms`);
    assert.ok(news.length - before <= 4, `told ${news.length - before} times`);
  });

  it('has the line of each talk as it is told, poor until it is clearly better, and no more once nobody tells', async () => {
    const call = { ...callOf({ id: 'c1', campaignId: 1 }) };
    f.set(ann, { state: 'on-call', call });
    const sounds = (mos: number, callId = 'c1', userId = ann) =>
      f.app.bus.publish('line.now', { userId, callId, mos, jitterMs: 9, loss: 0.01, roundTripMs: 80 });
    const reader = { t: ((key: string) => key) as never, locale: 'en' as const };
    const line = () => floor && floorFor(floor, reader, 0).agents[0]?.call?.line;
    const grades: unknown[] = [];
    for (const mos of [4.1, 3.5, 3.49, 3.6, 3.69, 3.7]) {
      sounds(mos);
      await until(() => line()?.mos === mos);
      grades.push(line()?.grade);
    }
    assert.deepEqual(grades, ['good', 'fair', 'poor', 'poor', 'poor', 'fair']);
    // On hold there is no talk; of the call before nothing is shown.
    f.set(ann, { call: { ...call, state: 'held' } });
    await until(() => line() === null);
    f.set(ann, { call: callOf({ id: 'c2', campaignId: 1 }) });
    await until(() => floor?.agents.get(ann)?.snapshot?.call?.id === 'c2');
    assert.equal(line(), null);
    sounds(2, 'c2');
    await until(() => line()?.grade === 'poor');
    const at = f.app.clock.now();
    await until(() => line() === null);
    assert.ok(f.app.clock.now() - at > 15_000, 'a lost word takes nothing away');
  });

  it('goes by what is set as poor', async () => {
    await f.app.settings.set(poorLineSetting, 0, { userId: null });
    f.set(ann, { state: 'on-call', call: callOf({ id: 'c1', campaignId: 1 }) });
    f.app.bus.publish('settings.changed', { key: poorLineSetting.key });
    await turn();
    const reader = { t: ((key: string) => key) as never, locale: 'en' as const };
    await until(() => {
      const now = { mos: 1.2, jitterMs: 9, loss: 0.3, roundTripMs: null };
      f.app.bus.publish('line.now', { userId: ann, callId: 'c1', ...now });
      return floor && floorFor(floor, reader, 0).agents[0]?.call?.line?.grade === 'fair';
    });
  });

  it('rings from the moment that it is dialled, and is gone when it has ended', async () => {
    f.call({ id: 'c1', state: 'dialing' });
    const at = f.app.clock.now();
    await until(() => floor?.calls.get('c1')?.state === 'dialing');
    f.app.clock.advance(3_000);
    f.call({ id: 'c1', state: 'ringing' });
    await until(() => floor?.calls.get('c1')?.state === 'ringing');
    assert.equal(floor?.calls.get('c1')?.since, at);
    f.call({ id: 'c1', state: 'ended' });
    await until(() => !floor?.calls.has('c1'));
  });

  it('is true again by itself when what happened was never told (fault: events are lost)', async () => {
    f.call({ id: 'gone', state: 'ringing' });
    await until(() => floor?.calls.has('gone'));
    f.set(ann, { state: 'paused' }, { tell: false });
    f.call({ id: 'gone', state: 'ended' }, { tell: false });
    f.call({ id: 'new', state: 'waiting' }, { tell: false });
    await until(() => stateOf(ann) === 'paused' && !floor?.calls.has('gone') && floor?.calls.has('new'));
  });

  it('is not led back by an event that was overtaken (fault: the bus delivers out of order)', async () => {
    const old = { ...f.said.agents[0]!, state: 'paused' as const };
    f.set(ann, { state: 'on-call' });
    f.app.bus.publish(`agent.snapshot.${ann}`, { ...old, revision: 0 });
    await until(() => stateOf(ann) === 'on-call');
    f.app.clock.advance(1_000);
    for (let turns = 0; turns < 50; turns++) await turn();
    assert.equal(stateOf(ann), 'on-call');
  });

  it('says that nobody answers, and keeps what it knew (fault: the dialer is gone)', async () => {
    f.silence();
    await until(() => floor?.away);
    assert.equal(stateOf(ann), 'ready');
  });

  it('tells only what is new', async () => {
    const before = news.length;
    for (let turns = 0; turns < 200; turns++) {
      if (turns % 10 === 9) f.app.clock.advance(1_000);
      await turn();
    }
    assert.equal(news.length, before);
  });

  it('shows a supervisor only while signed in, and nobody who was disabled', async () => {
    const { id } = await f.account('supervisor', 'sue');
    f.app.bus.publish('user.changed', { userId: id });
    f.set(id, { state: 'paused', phone: 'up' });
    await until(() => floor?.agents.has(id));
    f.set(id, { state: 'signed-out' });
    await until(() => !floor?.agents.has(id));
    await f.users.disable(ann, { userId: null }, 'left');
    await until(() => !floor?.agents.has(ann));
  });

  it('asks nobody while nobody looks', async () => {
    hub.close();
    let asked = 0;
    f.silence();
    f.app.bus.respond('dialer.floor', () => (asked++, f.said));
    f.app.clock.advance(60_000);
    for (let turns = 0; turns < 50; turns++) await turn();
    assert.equal(asked, 0);
  });
});
