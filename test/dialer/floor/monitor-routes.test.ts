import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'mocha';
import { CommandRefused } from '../../../core/bus/bus.ts';
import type { Visitor } from '../../web/support.ts';
import { sendJson } from '../workspace/support.ts';
import { testFloor, type TestFloor } from './support.ts';

describe('listening from the floor', () => {
  let f: TestFloor;
  let manager: Visitor;
  let managerId: number;
  let ann: number;
  let asked: [string, Record<string, unknown>][];
  let refusal: CommandRefused | null;

  before(async () => {
    f = await testFloor();
    manager = await f.signedIn('manager', 'max');
    managerId = (await f.users.store.byUsername('max'))!.user.id;
    ann = await f.agent('Ann');
    const view = { callId: 'c1', mode: 'listen', state: 'calling', since: 0, ended: null, simulated: true };
    for (const name of ['prepare', 'start', 'keep', 'stop'])
      f.app.bus.respond(`monitor.${name}`, (payload) => {
        if (refusal) throw refusal;
        asked.push([name, payload as Record<string, unknown>]);
        return name === 'start' ? { ...view, ...(payload as object) } : { monitor: null };
      });
    await manager.get('/floor');
  });
  after(() => f.close());
  beforeEach(() => {
    asked = [];
    refusal = null;
  });
  const post = (path: string, body: object, who = manager) => sendJson(who, 'post', path, body);

  it('tells how the phone is reached once the switch knows it', async () => {
    const { body, status } = await manager.agent
      .get(`/floor/phone?agent=${ann}`)
      .set({ accept: 'application/json' });
    assert.deepEqual([status, body], [200, { kind: 'simulated' }]);
    assert.deepEqual(asked, [['prepare', { userId: ann, by: managerId }]]);
  });

  it('is done in the name of who is signed in, and kept in the audit with whom, which call and how', async () => {
    for (const mode of ['listen', 'whisper', 'barge']) {
      const { body } = await post('/floor/monitor', { agent: ann, mode, by: 4711 });
      assert.equal((body as { callId: string }).callId, 'c1');
    }
    await post('/floor/monitor/keep', { agent: ann });
    await post('/floor/monitor/stop', { agent: ann });
    assert.ok(asked.every(([, payload]) => payload.by === managerId && payload.userId === ann));
    assert.deepEqual(
      asked.map(([name, { mode }]) => [name, mode]),
      [
        ['start', 'listen'],
        ['start', 'whisper'],
        ['start', 'barge'],
        ['keep', undefined],
        ['stop', undefined],
      ],
    );
    const rows = (await f.app.db.knex('audit_log').whereLike('action', 'monitor.%').orderBy('id')) as {
      user_id: number;
      action: string;
      entity_id: string;
      after: string;
    }[];
    assert.deepEqual(
      rows.map(({ user_id, action, entity_id, after: kept }) => [
        user_id,
        action,
        entity_id,
        JSON.parse(kept),
      ]),
      ['listened', 'whispered', 'barged'].map((done) => [
        ...[managerId, `monitor.${done}`, String(ann)],
        { callId: 'c1' },
      ]),
    );
  });

  it('says why not, and keeps nothing', async () => {
    refusal = new CommandRefused('monitor-no-call');
    const kept = await f.app.db.knex('audit_log').count({ n: '*' }).first();
    const { body, status } = await post('/floor/monitor', { agent: ann, mode: 'listen' });
    assert.equal(status, 409);
    assert.match((body as { detail: string }).detail, /talks to nobody now/);
    assert.deepEqual(await f.app.db.knex('audit_log').count({ n: '*' }).first(), kept);
    assert.equal((await post('/floor/monitor', { agent: ann, mode: 'record' })).status, 422);
  });

  it('is not for agents and marketing', async () => {
    for (const role of ['agent', 'marketing'] as const) {
      const visitor = await f.signedIn(role);
      await visitor.get('/profile');
      assert.equal((await visitor.get(`/floor/phone?agent=${ann}`)).status, 403);
      for (const path of ['/floor/monitor', '/floor/monitor/keep', '/floor/monitor/stop'])
        assert.equal(
          (await post(path, { agent: ann, mode: 'listen' }, visitor)).status,
          403,
          `${role} ${path}`,
        );
    }
    assert.deepEqual(asked, []);
  });
});
