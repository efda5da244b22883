import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'mocha';
import { CommandRefused } from '../../../core/bus/bus.ts';
import type { Visitor } from '../../web/support.ts';
import { callOf, sendJson, testWorkspace, type TestWorkspace } from './support.ts';

describe('the workspace', () => {
  let it_: TestWorkspace;
  let agent: { id: number; visitor: Visitor };
  let other: { id: number; visitor: Visitor };
  before(async () => {
    it_ = await testWorkspace();
    agent = await it_.browser('agent', 'ada');
    other = await it_.browser('agent', 'ben');
  });
  after(() => it_.close());
  beforeEach(() => {
    it_.dialer.asked.length = 0;
    it_.dialer.refusals.clear();
    for (const { id } of [agent, other])
      it_.dialer.set(id, { state: 'ready', phone: 'up', call: null, preview: null, wrapupUntil: null });
  });

  const onCall = (id = agent.id, callId = 'c-1') =>
    it_.dialer.set(id, {
      state: 'on-call',
      call: callOf({ id: callId, campaignId: it_.campaignId, customerId: it_.customerId }),
    });

  it('shows the state that the dialer tells, and figures instead of an empty page between calls', async () => {
    const page = await agent.visitor.get('/workspace');
    assert.equal(page.status, 200);
    assert.match(page.text, /data-tone="ready"/);
    assert.match(page.text, /Your day/);
    assert.match(page.text, /My callbacks/);
    assert.match(page.text, /data-stage="idle"/);
    assert.match(page.text, /data-do="pause"[^>]*data-code/);
  });

  it('names campaigns that have not been started as such, and says that there is none only where that is so', async () => {
    const { knex } = it_.app.db;
    const card = async ({ visitor }: typeof agent) =>
      /ws-campaigns-title[\s\S]*?<\/section>/.exec((await visitor.get('/workspace/idle')).text)![0];
    const { state, name } = await knex('campaigns').where({ id: it_.campaignId }).first('state', 'name');
    await knex('campaign_agents').insert({ campaign_id: it_.campaignId, user_id: agent.id });
    await knex('campaigns').where({ id: it_.campaignId }).update({ state: 'draft' });
    const seen = await card(agent);
    assert.ok(
      seen.includes(name) && seen.includes('Not started yet') && !seen.includes('on no campaign'),
      seen,
    );
    await knex('campaigns').where({ id: it_.campaignId }).update({ state: 'finished' });
    assert.match(await card(agent), /You are on no campaign yet/);
    await knex('campaign_agents').delete();
    await knex('campaigns').where({ id: it_.campaignId }).update({ state });
  });

  it('waits with a call by hand for as long as a phone that is rung for it may ring', async () => {
    const { bus } = it_.app;
    const request = bus.request.bind(bus);
    const waits: (number | undefined)[] = [];
    bus.request = (command, payload, options) => {
      if (command.endsWith('dial')) waits.push(options?.timeoutMs);
      return request(command, payload, options);
    };
    const number = { campaignId: it_.campaignId, e164: '+14155550177' };
    await sendJson(agent.visitor, 'post', '/workspace/dial', number);
    await sendJson(agent.visitor, 'post', '/workspace/preview-dial', { leadId: 1 });
    bus.request = request;
    assert.equal(waits.length, 2);
    assert.ok(waits.every((ms) => ms !== undefined && ms > 20_000));
  });

  it('says who is parked to those who may take them up, and asks the dialer in the name of who is signed in', async () => {
    const by = { userId: agent.id, name: 'Ada Park' };
    const parked = {
      ...{ callId: 'c-7', slot: 1, since: 0, isRinging: false, ringsBackAt: 60_000, by },
      ...{ campaignId: it_.campaignId, customerId: it_.customerId, e164: '+14155550123' },
    };
    it_.dialer.set(agent.id, { parked: [parked, { ...parked, callId: 'c-8', customerId: null }] });
    const answer = await agent.visitor.get('/workspace/parked');
    const phone = '+1 415 555 0123';
    assert.deepEqual(answer.body.who, {
      'c-7': { name: '陈 Elisabeth-Alexandra 美玲', phone },
      'c-8': { name: '', phone },
    });
    assert.deepEqual((await other.visitor.get('/workspace/parked')).body.who, {});
    const manager = await it_.browser('manager', 'mona');
    assert.equal((await manager.visitor.get('/workspace/parked')).status, 403);
    const wanted = { callId: 'c-7', userId: agent.id };
    assert.equal((await sendJson(other.visitor, 'post', '/workspace/take-up', wanted)).status, 200);
    assert.deepEqual(it_.dialer.asked.at(-1), {
      command: 'agent.take-up',
      payload: { callId: 'c-7', userId: other.id },
    });
    it_.dialer.refusals.set('agent.take-up', new CommandRefused('parked-gone'));
    const refused = await sendJson(other.visitor, 'post', '/workspace/take-up', { callId: 'c-7' });
    assert.equal(refused.status, 409);
    assert.match(refused.body.detail, /not parked any more/);
    assert.equal((await sendJson(other.visitor, 'post', '/workspace/park', {})).status, 422);
  });

  it('is still there when the dialer does not answer', async () => {
    const silent = await testWorkspace();
    const { visitor } = await silent.browser('agent', 'eve');
    await silent.app.bus.close();
    const page = await visitor.get('/workspace');
    assert.equal(page.status, 200);
    assert.match(page.text, /Not connected/);
    await silent.close();
  });

  it('shows the customer, the script in the customer’s language with its fields, and the campaign’s results', async () => {
    onCall();
    const page = await agent.visitor.get('/workspace');
    assert.match(page.text, /陈 Elisabeth-Alexandra 美玲/);
    assert.match(page.text, /您好陈女士，我是Ada Park。/);
    assert.match(page.text, /Aurora &amp; Söhne &lt;GmbH&gt;/);
    assert.match(page.text, /data-clock="\[\[\d+,-28800000\]\]">07:00</);
    assert.match(page.text, /data-date="2026-11-24" data-time="10:00"/);
    assert.match(page.text, /Plan 500 \(2024\)/);
    assert.doesNotMatch(page.text, /<dt>blank<\/dt>/);
    assert.match(page.text, /data-hotkey="1" data-category="sale"/);
    assert.match(page.text, /data-stage="call" data-call="c-1"/);
  });

  it('gives the screen-pop as a fragment, to the agent of the call only', async () => {
    onCall();
    const pop = await agent.visitor.agent.get('/workspace/call/c-1');
    assert.equal(pop.status, 200);
    assert.match(pop.text, /ws-name/);
    assert.doesNotMatch(pop.text, /<html/);
    const foreign = await other.visitor.agent.get('/workspace/call/c-1');
    assert.equal(foreign.status, 404);
    assert.doesNotMatch(foreign.text, /Elisabeth/);
  });

  it('gives a preview only while it is this agent’s', async () => {
    const shown = {
      leadId: 7,
      campaignId: it_.campaignId,
      customerId: it_.customerId,
      e164: '+14155550123',
      until: it_.app.clock.now() + 30_000,
    };
    it_.dialer.set(agent.id, { state: 'reserved', preview: shown });
    const preview = await agent.visitor.agent.get('/workspace/preview/7');
    assert.match(preview.text, /data-stage="preview"/);
    assert.match(preview.text, /Elisabeth/);
    assert.equal((await agent.visitor.agent.get('/workspace/preview/8')).status, 404);
    assert.equal((await other.visitor.agent.get('/workspace/preview/7')).status, 404);
  });

  it('sends no one else’s snapshot', async () => {
    onCall();
    const own = await agent.visitor.agent.get('/workspace/snapshot');
    assert.equal(own.body.call.id, 'c-1');
    const foreign = await other.visitor.agent.get(`/workspace/snapshot?userId=${agent.id}`);
    assert.equal(foreign.body.userId, other.id);
    assert.equal(foreign.body.call, null);
  });

  it('acts for whoever is signed in, whatever user the request names', async () => {
    const done = await sendJson(other.visitor, 'post', '/workspace/ready', { userId: agent.id });
    assert.equal(done.status, 200);
    assert.deepEqual(it_.dialer.asked, [{ command: 'agent.ready', payload: { userId: other.id } }]);
  });

  it('is closed to other roles, to strangers, and to requests without the token', async () => {
    const marketing = await it_.browser('marketing', 'mia');
    for (const path of ['/workspace', '/workspace/snapshot', '/workspace/events', '/workspace/phone'])
      assert.equal((await marketing.visitor.agent.get(path)).status, 403, path);
    assert.equal((await sendJson(marketing.visitor, 'post', '/workspace/ready', {})).status, 403);
    const untold = agent.visitor.agent.post('/workspace/ready').set('accept', 'application/json').send({});
    assert.equal((await untold).status, 403);
    assert.equal(it_.dialer.asked.length, 0);
  });

  it('notes which browser has the phone, and tells the agent’s others', async () => {
    const told: unknown[] = [];
    const stop = it_.app.bus.subscribe('phone.holder.*', (news, topic) => void told.push([topic, news]));
    const post = (what: string, browser: string) =>
      sendJson(agent.visitor, 'post', `/workspace/phone/${what}`, { browser });
    const [one, two] = ['1a2b3c4d5e6f', '6f5e4d3c2b1a'];
    assert.equal((await post('take', 'x')).status, 422);
    assert.deepEqual((await post('take', one)).body, { browser: one, turn: 1 });
    assert.deepEqual((await post('take', two)).body, { browser: two, turn: 2 });
    assert.equal((await post('left', one)).status, 204);
    assert.equal((await post('left', two)).status, 204, 'who has it has nothing to give back');
    stop();
    const topic = `phone.holder.${agent.id}`;
    assert.deepEqual(told, [
      [topic, { browser: one, turn: 1 }],
      [topic, { browser: two, turn: 2 }],
      [topic, { browser: two, turn: 2, again: true }],
    ]);
    const { text } = await agent.visitor.agent.get('/workspace');
    assert.match(text, /"phoneHolder":\{"browser":"6f5e4d3c2b1a","turn":2\}/);
    const marketing = await it_.browser('marketing', 'max');
    assert.equal(
      (await sendJson(marketing.visitor, 'post', '/workspace/phone/take', { browser: one })).status,
      403,
    );
  });

  it('says a refusal in words, in the reader’s language', async () => {
    it_.dialer.refusals.set('agent.ready', new CommandRefused('phone-not-up'));
    const english = await sendJson(agent.visitor, 'post', '/workspace/ready', {});
    assert.equal(english.status, 409);
    assert.equal(english.body.code, 'phone-not-up');
    assert.match(english.body.detail, /phone is not connected yet/);
    const chinese = await sendJson(agent.visitor, 'post', '/workspace/ready', {}).set(
      'cookie',
      'ringwise.locale=zh-TW',
    );
    assert.match(chinese.body.detail ?? '', /話機|phone/);
  });

  it('passes on every refusal of the protocol with words of its own', async () => {
    const reasons = ['not-signed-in', 'wrong-state', 'no-such-call', 'not-your-call', 'unknown-disposition'];
    reasons.push(
      'callback-time-missing',
      'callback-time-not-allowed',
      'no-trunk',
      'switch-down',
      'lead-gone',
    );
    reasons.push('database-down', 'not-assigned-to-campaign', 'invalid', 'wrapup-extended-already');
    for (const reason of reasons) {
      it_.dialer.refusals.set('agent.ready', new CommandRefused(reason));
      const { body } = await sendJson(agent.visitor, 'post', '/workspace/ready', {});
      assert.ok(body.detail.length > 10 && !body.detail.includes(reason), `${reason}: ${body.detail}`);
    }
  });

  it('gives a typed number the customer it belongs to', async () => {
    const body = { campaignId: it_.campaignId, e164: '+14155550124' };
    assert.equal((await sendJson(agent.visitor, 'post', '/workspace/dial', body)).status, 200);
    assert.equal(it_.dialer.asked[0]?.payload.customerId, it_.customerId);
    const wrong = await sendJson(agent.visitor, 'post', '/workspace/dial', { ...body, e164: '0911' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.body.fields.e164, /country code/);
  });

  it('takes a number without country code for one of the campaign’s country, and says so where it is none', async () => {
    const dial = (number: string) =>
      sendJson(agent.visitor, 'post', '/workspace/dial', { campaignId: it_.campaignId, number });
    assert.equal((await dial('(415) 555-0124')).status, 200);
    assert.equal(it_.dialer.asked[0]?.payload.e164, '+14155550124');
    const wrong = await dial('0911');
    assert.deepEqual([wrong.status, wrong.body.code], [422, 'dial-number-wrong']);
    assert.match(wrong.body.detail, /campaign's country/);
    const empty = await dial('');
    assert.deepEqual([empty.status, empty.body.fields], [422, { number: 'Enter a number.' }]);
    assert.equal(it_.dialer.asked.length, 1);
  });

  it('turns a callback’s wall clock in the customer’s zone into a moment', async () => {
    onCall();
    const callback = { date: '2026-11-24', time: '15:30', zone: 'America/Los_Angeles', mine: true };
    const given = { callId: 'c-1', dispositionId: 3, note: ' later ', next: 'ready', callback };
    assert.equal((await sendJson(agent.visitor, 'post', '/workspace/dispose', given)).status, 200);
    const { payload } = it_.dialer.asked[0]!;
    assert.deepEqual(payload.callback, { mine: true, dueAt: Date.UTC(2026, 10, 24, 23, 30) });
    assert.equal(payload.note, 'later');
  });

  it('refuses a callback at a time that the clocks skip', async () => {
    const callback = { date: '2027-03-14', time: '02:30', zone: 'America/Los_Angeles', mine: true };
    const given = { callId: 'c-1', dispositionId: 3, callback };
    const refused = await sendJson(agent.visitor, 'post', '/workspace/dispose', given);
    assert.equal(refused.status, 422);
    assert.match(refused.body.detail, /clocks skip 02:30/);
  });

  describe('the disposition form without its script (fault: script failed)', () => {
    const sendForm = (fields: Record<string, string>) =>
      agent.visitor.post('/workspace/disposition', { callId: 'c-1', ...fields });

    it('is sent as a form, to a route, with nothing in the address', async () => {
      onCall();
      const page = await agent.visitor.get('/workspace');
      assert.match(page.text, /<form[^>]*id="disposition" method="post" action="\/workspace\/disposition"/);
      const done = await sendForm({ dispositionId: '5', note: 'not this year', pauseCodeId: '' });
      assert.deepEqual([done.status, done.headers.location], [303, '/workspace']);
      const { command, payload } = it_.dialer.asked[0]!;
      assert.equal(command, 'agent.dispose');
      assert.deepEqual(
        [payload.callId, payload.dispositionId, payload.note, payload.next],
        ['c-1', 5, 'not this year', 'ready'],
      );
    });

    it('keeps what was typed when something is missing or the dialer refuses', async () => {
      onCall();
      const missing = await sendForm({ note: 'typed without a result' });
      assert.equal(missing.status, 422);
      assert.match(missing.text, /Choose a result first/);
      assert.match((await agent.visitor.get('/workspace')).text, /typed without a result/);
      it_.dialer.refusals.set('agent.dispose', new CommandRefused('wrong-state'));
      const refused = await sendForm({ dispositionId: '5', note: 'typed too early' });
      assert.equal(refused.status, 409);
      assert.match((await agent.visitor.get('/workspace')).text, /typed too early/);
    });
  });

  describe('a number that is nobody’s', () => {
    const nobodys = () =>
      it_.dialer.set(agent.id, {
        state: 'on-call',
        call: callOf({ id: 'c-9', campaignId: it_.campaignId, customerId: null, e164: '+14155550177' }),
      });

    it('has a script without holes: neutral words, and what to ask', async () => {
      nobodys();
      const { text } = await agent.visitor.get('/workspace');
      assert.match(text, /Nobody known has this number/);
      assert.match(text, /Hello Sir or Madam, this is Ada Park\./);
      assert.match(text, /data-form="identify"/);
      assert.match(text, /Say first whose number this is/);
    });

    it('becomes a customer by a name, and nothing else is asked for', async () => {
      nobodys();
      const path = '/workspace/call/c-9/customer';
      const unnamed = await sendJson(agent.visitor, 'post', path, { name: ' ' });
      assert.deepEqual([unnamed.status, unnamed.body.fields], [422, { name: 'Enter a name.' }]);
      const made = await sendJson(agent.visitor, 'post', path, { name: '林 Mei', language: 'zh-TW' });
      assert.equal(made.status, 200);
      const { command, payload } = it_.dialer.asked.at(-1)!;
      assert.equal(command, 'agent.identify');
      const phone = await it_.app.db.knex('customer_phones').where({ e164: '+14155550177' }).first();
      assert.deepEqual([payload.callId, payload.customerId], ['c-9', phone.customer_id]);
    });

    it('is given only to a customer who has it, and only by the agent of the call', async () => {
      nobodys();
      const path = '/workspace/call/c-9/customer';
      const wrong = await sendJson(agent.visitor, 'post', path, { customerId: it_.customerId });
      assert.equal(wrong.status, 404);
      assert.equal((await sendJson(other.visitor, 'post', path, { name: 'Eve' })).status, 404);
      assert.equal(it_.dialer.asked.length, 0);
    });
  });

  it('says how the phone works: simulated where there is no switch', async () => {
    const phone = await agent.visitor.agent.get('/workspace/phone');
    assert.deepEqual(phone.body, { kind: 'simulated' });
  });
});
