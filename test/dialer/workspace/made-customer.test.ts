import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { CommandRefused } from '../../../core/bus/bus.ts';
import { onBothEngines } from '../../campaigns/engines.ts';
import type { Visitor } from '../../web/support.ts';
import { callOf, sendJson, testWorkspace, type TestWorkspace } from './support.ts';

onBothEngines('a customer made in a call', (app) => {
  let it_: TestWorkspace;
  let agent: { id: number; visitor: Visitor };
  let calls = 0;
  let callId: string;
  let e164: string;
  before(async () => {
    it_ = await testWorkspace(app());
    agent = await it_.browser('agent', 'ada');
  });
  beforeEach(() => {
    calls += 1;
    callId = `c-${calls}`;
    e164 = `+1415555018${calls}`;
    it_.dialer.refusals.clear();
    const call = callOf({ id: callId, campaignId: it_.campaignId, customerId: null, e164 });
    it_.dialer.set(agent.id, { state: 'on-call', call });
  });

  const press = (typed: object) =>
    sendJson(agent.visitor, 'post', `/workspace/call/${callId}/customer`, typed);
  const made = async (): Promise<{ id: number; name: string; language: string | null }[]> =>
    app()
      .db.knex('customers')
      .whereIn('id', app().db.knex('customer_phones').where({ e164 }).select('customer_id'))
      .select('id', 'name', 'language');
  const kinds = async (customerId: number) =>
    (await app().db.knex('timeline_entries').where({ customer_id: customerId }).orderBy('id')).map(({ kind }) => kind); // prettier-ignore

  it('is one, however often it is sent (fault: the dialer cannot be told at the first press)', async () => {
    it_.dialer.refusals.set('agent.identify', new CommandRefused('dialer-away'));
    assert.notEqual((await press({ name: '林 Mei', language: 'zh-TW' })).status, 200);
    assert.equal((await made()).length, 1);
    it_.dialer.refusals.clear();
    assert.equal((await press({ name: '林 Mei', language: 'zh-TW' })).status, 200);
    const customers = await made();
    assert.equal(customers.length, 1);
    assert.equal(it_.dialer.asked.at(-1)?.payload.customerId, customers[0]!.id);
    assert.deepEqual(await kinds(customers[0]!.id), ['created']);
  });

  it('is put right by what is typed the second time', async () => {
    await press({ name: '林 Mai', language: 'zh-TW' });
    await press({ name: '林 Mei', language: 'zh-TW' });
    const [customer, ...others] = await made();
    assert.deepEqual([customer?.name, customer?.language, others], ['林 Mei', 'zh-TW', []]);
    assert.deepEqual(await kinds(customer!.id), ['created', 'edit']);
  });

  it('is one where two presses come at the same time (fault: neither sees the other’s row)', async () => {
    const answers = await Promise.all([
      press({ name: 'Eve' }),
      press({ name: 'Eve' }),
      press({ name: 'Eve' }),
    ]);
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]); // prettier-ignore
    const customers = await made();
    assert.equal(customers.length, 1);
    const told = it_.dialer.asked.filter(({ payload }) => payload.callId === callId);
    assert.deepEqual([...new Set(told.map(({ payload }) => payload.customerId))], [customers[0]!.id]);
  });

  it('is another in another call to the same number', async () => {
    await press({ name: 'Eve' });
    const call = callOf({ id: `${callId}-b`, campaignId: it_.campaignId, customerId: null, e164 });
    it_.dialer.set(agent.id, { state: 'on-call', call });
    callId = `${callId}-b`;
    await press({ name: 'Adam' });
    assert.deepEqual((await made()).map(({ name }) => name).sort(), ['Adam', 'Eve']);
  });
});
