import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { createCallStore } from '../../../dialer/calls/call-store.ts';
import { createRecordingList } from '../../../dialer/recordings/recording-list.ts';
import { createRecordingSearch, type RecordingFilters } from '../../../dialer/recordings/recording-search.ts';
import { createRecordingStore } from '../../../dialer/recordings/recording-store.ts';
import { onBothEngines } from '../../campaigns/engines.ts';
import { plansOf } from '../../support/plans.ts';
import { skipHere } from '../../support/skip.ts';

/** A winter and a summer evening in New York, and a Shanghai one. */
const winter = Date.UTC(2026, 0, 12, 23, 30); // 18:30 in New York
const summer = Date.UTC(2026, 6, 13, 22, 30); // 18:30 in New York
const morning = Date.UTC(2026, 6, 14, 1, 0); // 21:00 in New York, 09:00 in Shanghai

onBothEngines('recordings are found', (app) => {
  let list: ReturnType<typeof createRecordingList>;
  let li: number;

  before(async () => {
    list = createRecordingList(app());
    li = await app().db.insertId('customers', {
      name: '李雷',
      search_text: '李雷',
      created_at: 0,
      updated_at: 0,
    });
    for (const term of ['李雷', '雷'])
      await app().db.knex('customer_terms').insert({ term, customer_id: li });
    await add('a', winter, {
      user_id: 1,
      campaign_id: 1,
      customer_id: li,
      e164: '+14155550101',
      duration_ms: 61_000,
    });
    await add('b', summer, {
      user_id: 2,
      campaign_id: 1,
      e164: '+14155550102',
      duration_ms: 5_500,
      outcome: 'abandoned',
    });
    await add('c', morning, {
      user_id: 2,
      campaign_id: 2,
      e164: '+8613800138000',
      duration_ms: null,
      disposition_id: 3,
    });
  });

  const add = (name: string, started_at: number, of: object) =>
    app()
      .db.knex('recordings')
      .insert({
        ...{ call_id: `call-${name}`, name, state: 'stored', path: `recordings/${name}.wav`, started_at },
        ...{ outcome: 'answered', ...of },
      });

  async function found(filters: RecordingFilters, sort = 'started'): Promise<string> {
    const request = { filters, sort, direction: 'desc', limit: 50, offset: 0, after: null };
    const { rows, total } = await list.find(request as unknown as Parameters<typeof list.find>[0]);
    assert.equal(total.count, rows.length);
    return rows.map(({ callId }) => callId.slice(5)).join('');
  }

  it('by a number that more have than are looked up one by one, without reading them all', async () => {
    const seen: string[] = [];
    const see = ({ sql }: { sql: string }) => seen.push(sql);
    app().db.knex.on('query', see);
    const { query } = await createRecordingSearch(app(), 1).matching({ number: '55501' });
    assert.ok(seen.length > 0 && seen.every((sql) => /limit/i.test(sql)), seen.join('\n'));
    app().db.knex.removeListener('query', see);
    assert.equal((await query.clone().select('recordings.id')).length, 2);
  });

  it('by agent, campaign, disposition, outcome, and all together', async () => {
    assert.equal(await found({}), 'cba', 'the newest first');
    assert.equal(await found({ userId: 2 }), 'cb');
    assert.equal(await found({ campaignId: 1 }), 'ba');
    assert.equal(await found({ dispositionId: 3 }), 'c');
    assert.equal(await found({ outcome: 'abandoned' }), 'b');
    assert.equal(await found({ userId: 2, campaignId: 1 }), 'b');
    assert.equal(await found({ userId: 1, campaignId: 2 }), '');
  });

  it('by any part of a number, and by its beginning with a plus', async () => {
    assert.equal(await found({ number: '555' }), 'ba');
    assert.equal(await found({ number: '00138' }), 'c');
    assert.equal(await found({ number: '0101' }), 'a');
    assert.equal(await found({ number: '+86138' }), 'c');
    assert.equal(await found({ number: '+138' }), '', 'no number begins so');
    assert.equal(await found({ number: '%' }), '', 'a wildcard is no part of a number');
  });

  it('by a customer’s name, as customers are found', async () => {
    assert.equal(await found({ customer: '雷' }), 'a');
    assert.equal(await found({ customer: '雷', campaignId: 2 }), '');
    assert.equal(await found({ customer: 'nobody' }), '');
  });

  it('by length, in seconds that are begun, and sorted by it with those without one last', async () => {
    assert.equal(await found({ minMs: 60_000 }), 'a');
    assert.equal(await found({ maxMs: 5_999 }), 'b');
    assert.equal(await found({}, 'duration'), 'abc');
  });

  it('by day, and by the time of day that clocks showed, in summer as in winter', async () => {
    assert.equal(await found({ from: summer, to: summer + 1 }), 'b');
    const zone = 'America/New_York';
    assert.equal(await found({ clock: { from: 18 * 60, until: 19 * 60, zone } }), 'ba');
    assert.equal(await found({ clock: { from: 20 * 60, until: 2 * 60, zone } }), 'c', 'past midnight');
    assert.equal(await found({ clock: { from: 9 * 60, until: 10 * 60, zone: 'Asia/Shanghai' } }), 'c');
    assert.equal(await found({ from: summer, clock: { from: 18 * 60, until: 19 * 60, zone } }), 'b');
  });

  it('with one walk for what no index leads to, and not one for the page and more for its count', async () => {
    const zone = 'America/New_York';
    const asked: [RecordingFilters, RegExp][] = [
      [{ clock: { from: 18 * 60, until: 19 * 60, zone } }, /% 86400000/],
      [{ number: '0101' }, / like /],
    ];
    for (const [filters, pattern] of asked) {
      const seen: string[] = [];
      const see = ({ sql }: { sql: string }) => void (pattern.test(sql) && seen.push(sql));
      app().db.knex.on('query', see);
      await found(filters);
      await found(filters, 'duration');
      app().db.knex.removeListener('query', see);
      assert.equal(seen.length, 2, seen.join('\n'));
      for (const sql of seen) assert.doesNotMatch(sql, / or /, 'alternatives are sought one by one');
    }
  });

  it('by the time of day also where more have it than are looked up one by one, and with other filters', async () => {
    const zone = 'America/New_York';
    const few = createRecordingSearch(app(), 1);
    const clock = { from: 18 * 60, until: 19 * 60, zone };
    const ids = async (filters: RecordingFilters) =>
      (await (await few.matching(filters)).query.clone().select('recordings.call_id')).length;
    assert.equal(await ids({ clock }), 2);
    assert.equal(await ids({ clock, userId: 2, number: '555' }), 1);
    assert.equal(await ids({ clock, from: summer }), 1);
    assert.equal(await found({ clock, userId: 2, number: '555', outcome: 'abandoned' }), 'b');
  });

  it('by what was written of the call after its recording had begun', async () => {
    const store = createRecordingStore(app());
    const calls = createCallStore(app());
    const call = {
      ...{
        id: 'call-x',
        direction: 'out',
        path: 'power',
        campaignId: 9,
        leadId: null,
        customerId: li,
        userId: 4,
      },
      ...{
        trunkId: null,
        e164: '+14155550177',
        callerId: null,
        attempt: 1,
        state: 'connected',
        outcome: null,
      },
      ...{
        amd: null,
        hangupCause: null,
        endedBy: null,
        createdAt: 5,
        dialedAt: 5,
        ringingAt: 5,
        answeredAt: 6,
      },
      ...{ liveAt: 6, connectedAt: 7, abandonedAt: null, leftAt: null, endedAt: null, revision: 1 },
    } as unknown as Parameters<typeof calls.insert>[0];
    const { db } = app();
    await db.transaction((trx) => calls.insert(call, 'main', trx));
    await store.started('call-x', 'call-x', 7, { ...call, customerId: null });
    assert.equal(await found({ campaignId: 9, userId: 4, number: '0177' }), 'x');
    assert.equal(await found({ campaignId: 9, outcome: 'answered' }), '');
    const ended = { ...call, state: 'ended' as const, outcome: 'answered' as const, endedAt: 9, revision: 2 };
    await db.transaction((trx) => calls.save(ended, 'connected', trx));
    const given = { dispositionId: 8, note: null, wrappedUpAt: 10, missedAt: null };
    await db.transaction((trx) => calls.dispose('call-x', given, trx));
    assert.equal(await found({ campaignId: 9, outcome: 'answered', dispositionId: 8, customer: '李' }), 'x');
    await store.started('call-x', 'call-x-2', 8, { ...call, userId: 5 });
    assert.equal(
      await found({ userId: 5, dispositionId: 8 }),
      'x',
      'written late, it knows what came of the call',
    );
  });

  it('without a walk over the table', async function () {
    if (app().db.engine !== 'sqlite') skipHere(this, 'the plans are told in the words of SQLite');
    const asked: [RecordingFilters, RegExp][] = [
      [{}, /recordings_started|SCAN recordings USING/],
      [{ campaignId: 1 }, /recordings_campaign \(campaign_id=\?/],
      [{ userId: 1 }, /recordings_user \(user_id=\?/],
      [{ dispositionId: 1 }, /recordings_disposition \(disposition_id=\?/],
      [{ number: '0101' }, /recordings_e164|INTEGER PRIMARY KEY/],
      [{ customer: '雷' }, /recordings_customer \(customer_id=\?/],
      [
        { campaignId: 1, from: 1, to: 2 },
        /recordings_campaign \(campaign_id=\? AND started_at>\? AND started_at<\?/,
      ],
    ];
    for (const [filters, index] of asked) {
      const plans = await plansOf(app().db, 'recordings', () => found(filters).catch(() => ''));
      assert.ok(plans.length >= 2, 'rows and their count');
      for (const plan of plans) {
        assert.match(plan, index, JSON.stringify(filters));
        assert.doesNotMatch(plan, /SCAN recordings(?! USING)/, JSON.stringify(filters));
      }
    }
  });
});
