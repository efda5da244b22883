import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { CommandRefused } from '../../../core/bus/bus.ts';
import { defaultCountry } from '../../../crm/index.ts';
import { dialerAreas } from '../../../dialer/areas.ts';
import { createTrunkStore } from '../../../dialer/index.ts';
import type { Trunk } from '../../../dialer/trunks/trunk.ts';
import { testApp } from '../../support/app.ts';
import { testWeb, type TestWeb, type Visitor } from '../../web/support.ts';

/** As a browser sends it: nested fields by their full names. */
const form = (given: object = {}): Record<string, string> => {
  const flat = (value: unknown, name: string): [string, string][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, part]) => flat(part, name ? `${name}[${key}]` : key))
      : [[name, String(value)]];
  return Object.fromEntries(flat(fields(given), ''));
};

const fields = (given: object) => ({
  name: 'Carrier One',
  host: 'sip.example.net',
  port: '5060',
  transport: 'udp',
  username: 'firm',
  password: 'very secret',
  codecs: ['alaw'],
  channels: '30',
  callsPerSecond: '5',
  prefixRules: [
    { match: '+1', strip: '2', add: '9' },
    { match: '', strip: '', add: '' },
  ],
  callerId: '',
  enabled: 'on',
  ...given,
});

describe('trunk pages', () => {
  let t: TestWeb;
  let admin: Visitor;
  let trunks: ReturnType<typeof createTrunkStore>;

  before(async () => {
    const app = await testApp();
    t = await testWeb({ areas: dialerAreas(app) }, { db: app.db, bus: app.bus });
    t = { ...t, close: async () => app.close() };
    admin = await t.signedIn('administrator');
    trunks = createTrunkStore(t.app);
  });
  after(() => t.close());

  const only = async (): Promise<Trunk> => (await trunks.all())[0]!;

  it('are the administrator’s alone', async () => {
    for (const role of ['agent', 'supervisor', 'marketing', 'manager'] as const) {
      const visitor = await t.signedIn(role);
      for (const path of ['/trunks', '/trunks/new', '/pause-codes'])
        assert.equal((await visitor.get(path)).status, 403, `${role} ${path}`);
      assert.equal((await visitor.post('/trunks', form())).status, 403);
    }
  });

  it('add a trunk: the password is sealed, shown nowhere, and not in the audit', async () => {
    await admin.get('/trunks/new');
    const response = await admin.post('/trunks', form());
    assert.equal(response.status, 303);
    const trunk = await only();
    assert.deepEqual(trunk.prefixRules, [{ match: '+1', strip: 2, add: '9' }]);
    assert.deepEqual(trunk.codecs, ['alaw']);
    assert.equal(trunk.callerId, null);
    assert.equal(await trunks.password(trunk.id), 'very secret');
    const row = await t.app.db.knex('trunks').first();
    assert.doesNotMatch(JSON.stringify(row), /very secret/);
    assert.doesNotMatch(JSON.stringify(await t.app.db.knex('audit_log')), /very secret/);
    const page = await admin.get(`/trunks/${trunk.id}`);
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.text, /very secret/);
    assert.match(page.text, /value="\+1"/);
  });

  it('keep the stored password when the field is left empty, and drop it with the user name', async () => {
    const { id } = await only();
    await admin.post(`/trunks/${id}`, form({ password: '', channels: '40' }));
    assert.equal(await trunks.password(id), 'very secret');
    assert.equal((await only()).channels, 40);
    await admin.post(`/trunks/${id}`, form({ password: 'se;mi\\;colon' }));
    assert.equal(await trunks.password(id), 'se;mi\\;colon');
    await admin.post(`/trunks/${id}`, form({ password: '', username: '' }));
    assert.equal(await trunks.password(id), null);
  });

  it('show a wrong form again with words beside the field, and write nothing', async () => {
    const wrong: [object, RegExp][] = [
      [{ host: 'sip:example' }, /without sip:/],
      [{ name: 'Carrier One' }, /Another trunk has this name/],
      [{ codecs: [] }, /at least one codec/],
      [{ username: '', register: 'on' }, /needs a user name/],
      [{ username: 'a;b' }, /semicolons/],
      [{ password: 'a\nb' }, /Line breaks are not/],
      [{ prefixRules: [{ match: '+1', strip: '0', add: 'x' }] }, /is-invalid/],
      [{ prefixRules: [1, 2].map(() => ({ match: '+1', strip: '0', add: '' })) }, /same prefix/],
      [{ prefixRules: [{ match: '+86', strip: '4', add: '0' }] }, /begin with “\+86” no more than that/],
      [{ prefixRules: [{ match: '', strip: '2', add: '' }] }, /begin with “\+” no more than that/],
      [{ prefixRules: [{ match: '86', strip: '2', add: '' }] }, /is-invalid/],
      [{ headers: [{ name: 'X Account', value: '1' }] }, /Letters, digits and hyphens/],
      [{ headers: [{ name: 'Via', value: '1' }] }, /The switch writes this header itself/],
      [{ headers: [{ name: 'p-asserted-identity', value: '1' }] }, /The switch writes this header itself/],
      [{ headers: [{ name: 'X-A', value: 'a\r\nVia: b' }] }, /without line breaks/],
      [{ headers: [{ name: 'X-A', value: 'ü' }] }, /without line breaks/],
      [{ headers: [{ name: 'X-A', value: '{lead}' }] }, /Only \{number\} and \{callerId\}/],
      [{ headers: [{ name: 'X-A', value: '{number' }] }, /Only \{number\} and \{callerId\}/],
      [{ headers: ['X-A', 'x-a'].map((name) => ({ name, value: '1' })) }, /the same name/],
    ];
    for (const [given, words] of wrong) {
      const response = await admin.post('/trunks', form({ name: 'Two', ...given }));
      assert.equal(response.status, 422, JSON.stringify(given));
      assert.match(response.text, words);
    }
    assert.equal((await trunks.all()).length, 1);
  });

  it('keep the headers that the carrier reads of each call', async () => {
    const { id } = await only();
    const headers = [{ name: 'P-Attestation-Indicator', value: 'A' }, { name: 'X-From', value: '{callerId}' }]; // prettier-ignore
    await admin.post(`/trunks/${id}`, form({ headers: [...headers, { name: '', value: '' }] }));
    assert.deepEqual((await only()).headers, headers);
    assert.match(
      (await admin.get(`/trunks/${id}`)).text,
      /name="headers\[1\]\[value\]" value="\{callerId\}"/,
    );
  });

  it('switch off and on, and change the order', async () => {
    const { id } = await only();
    await admin.post('/trunks', form({ name: 'Carrier Two' }));
    await admin.post(`/trunks/${id}/disable`);
    assert.equal((await trunks.get(id))?.enabled, false);
    await admin.post(`/trunks/${id}/enable`);
    assert.equal((await trunks.get(id))?.enabled, true);
    await admin.post(`/trunks/${id}/move`, { direction: 'down' });
    assert.deepEqual(
      (await trunks.all()).map(({ name }) => name),
      ['Carrier Two', 'Carrier One'],
    );
    const page = await admin.get('/trunks');
    assert.match(page.text, /The dialer does not answer/);
  });

  it('say what is wrong with the way to a carrier, since when, and what to do', async () => {
    const { id } = await only();
    const since = Date.UTC(2026, 2, 4, 9, 30);
    const fine = { id, name: '', channelsInUse: 0, channels: 30, failing: false, toBeTried: false };
    let trunk: object = {};
    const stop = t.app.bus.respond('dialer.status', () => ({
      ...{ dialerId: 'main', startedAt: 0, switch: 'up', switchFault: null, simulator: false },
      ...{
        calls: 0,
        agents: 0,
        trunks: [{ ...fine, refusesUs: false, troubledSince: null, reach: null, ...trunk }],
      },
    }));
    const cases: [object, RegExp | null, RegExp][] = [
      [{}, null, /In use/],
      [
        { refusesUs: true, failing: true, troubledSince: since },
        /Refuses our login or account/,
        /user name and password/,
      ],
      [{ reach: { trouble: 'unreachable', since } }, /Cannot be reached/, /check host, port and transport/],
      [{ reach: { trouble: 'rejected', since } }, /Registration refused/, /refuses to register/],
      [{ reach: { trouble: 'unregistered', since } }, /Not registered/, /has not answered the registration/],
      [{ failing: true, troubledSince: since }, /Refuses calls, rests/, /tried again by itself/],
      [{ toBeTried: true, troubledSince: since }, /Refuses calls, tried again/, /next call goes out over it/],
    ];
    for (const [given, badge, text] of cases) {
      trunk = given;
      const page = (await admin.get('/trunks')).text;
      assert.match(page, text);
      assert.equal(/datetime="2026-03-04T09:30/.test(page), badge !== null, JSON.stringify(given));
      if (badge) assert.match(page, new RegExp(`state-lost[^]*${badge.source}`));
    }
    await trunks.enable(id, false, 1);
    assert.doesNotMatch((await admin.get('/trunks')).text, /state-lost/);
    await trunks.enable(id, true, 2);
    stop();
  });

  it('place a test call through the dialer and tell the result in words', async () => {
    const { id } = await only();
    const stop = t.app.bus.respond('trunk.test', () => ({ outcome: 'busy', cause: 17, ms: 2100 }));
    const post = (e164: string) => admin.post(`/trunks/${id}/test`, { e164 }, { accept: 'application/json' });
    const answer = await post('+1 (415) 555-0100');
    assert.deepEqual(answer.body, { ok: false, text: 'Busy (2.1 s)' });
    // Fault: the page's script has not come. The number must not stand in the address.
    assert.match(
      (await admin.get(`/trunks/${id}`)).text,
      new RegExp(`method="post" action="/trunks/${id}/test"`),
    );
    const plain = await admin.post(`/trunks/${id}/test`, { e164: '+14155550100' });
    assert.deepEqual([plain.status, plain.headers.location], [303, `/trunks/${id}`]);
    assert.match((await admin.get(`/trunks/${id}`)).text, /Busy \(2\.1 s\)/);
    assert.equal((await post('12')).status, 422);
    assert.equal((await post('13900000001')).status, 422, 'of no country that is known');
    stop();
    const asked: string[] = [];
    const listen = t.app.bus.respond('trunk.test', (payload) => {
      asked.push((payload as { e164: string }).e164);
      return { outcome: 'answered', cause: 16, ms: 3000 };
    });
    await t.app.settings.set(defaultCountry, 'CN', { userId: null });
    for (const text of ['13900000001', '+1 415 555 0100']) assert.equal((await post(text)).status, 200, text);
    assert.deepEqual(asked, ['+8613900000001', '+14155550100']);
    const short = await post('1390000000');
    assert.deepEqual([short.status, /digits/.test(JSON.stringify(short.body))], [422, true]);
    await t.app.settings.set(defaultCountry, '', { userId: null });
    listen();
    const refuse = t.app.bus.respond('trunk.test', () => {
      throw new CommandRefused('switch-down');
    });
    const refused = await post('+14155550100');
    assert.equal(refused.status, 409);
    assert.match(refused.body.detail, /switch/);
    refuse();
  });
});
