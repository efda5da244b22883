import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { bestFor, placed, type PoolNumber } from '../../../campaigns/number-pools/number-pool.ts';
import { createNumberFlagStore, createNumberPoolStore } from '../../../campaigns/number-pools/index.ts';
import type { Visitor } from '../../web/support.ts';
import { onBothEngines } from '../engines.ts';
import { makeCampaign } from '../fixtures.ts';
import { hides, shows } from '../pages.ts';
import { campaignsWeb, type CampaignsWeb } from '../web.ts';

const number = (e164: string, given: Partial<PoolNumber> = {}): PoolNumber => ({
  ...{ e164, dailyLimit: null, enabled: true },
  ...given,
});

describe('the number nearest to a customer', () => {
  /** All that may be shown, the best first: each is taken away once it was found. */
  function order(numbers: PoolNumber[], customer: string, calls: Record<string, number> = {}): string[] {
    const best = bestFor(numbers.map(placed), customer, (e164) => calls[e164] ?? 0)?.e164;
    const others = numbers.filter(({ e164 }) => e164 !== best);
    return best === undefined ? [] : [best, ...order(others, customer, calls)];
  }

  it('is one of the same area, then of the same time zones, then of the same country', () => {
    const [area, zones, country, abroad] = ['+12125550100', '+17185550100', '+12135550100', '+442079460000'];
    const american = [number(abroad), number(country), number(zones), number(area)];
    assert.deepEqual(order(american, '+12125550177'), [area, zones, country, abroad]);
    const [beijing, shanghai] = ['+861012345678', '+862112345678'];
    assert.deepEqual(order([number(shanghai), number(beijing)], '+861087654321'), [beijing, shanghai]);
  });

  it('is rather one of the same state than one of the same time zones alone, however much it was used', () => {
    const [newYork, atlanta] = ['+12125550100', '+14045550100'];
    const numbers = [number(atlanta), number(newYork)];
    assert.deepEqual(order(numbers, '+16465550177', { [newYork]: 9 }), [newYork, atlanta]);
    // El Paso is in Texas, and on the time of Denver.
    const [houston, denver] = ['+17135550100', '+13035550100'];
    assert.deepEqual(order([number(denver), number(houston)], '+19155550177', { [houston]: 9 }), [
      houston,
      denver,
    ]);
  });

  it('takes two area codes of North America that begin alike for different ones', () => {
    const [alike, other] = ['+12135550100', '+13235550100'];
    const used = { [alike]: 1 };
    assert.deepEqual(order([number(alike), number(other)], '+12125550100', used), [other, alike]);
  });

  it('of equally near ones is the one with the least of its limit used, and never one switched off or used up', () => {
    const [a, b, c, d] = ['+12125550101', '+12125550102', '+12125550103', '+12125550104'];
    const numbers = [
      number(a, { dailyLimit: 10 }),
      number(b, { dailyLimit: 100 }),
      number(c, { enabled: false }),
      number(d, { dailyLimit: 3 }),
    ];
    assert.deepEqual(order(numbers, '+12125550177', { [a]: 5, [b]: 20, [d]: 3 }), [b, a]);
  });
});

onBothEngines('pools of caller numbers', (theApp) => {
  it('are kept with their numbers in order, each number in one pool alone', async () => {
    const store = createNumberPoolStore(theApp());
    const numbers = [number('+12125550102', { dailyLimit: 5 }), number('+12125550101', { enabled: false })];
    const saved = await store.save(null, { name: 'East', zone: 'America/New_York', numbers }, 1);
    assert.ok(saved.saved);
    assert.deepEqual((await store.get(saved.id))!.numbers, numbers);
    const other = { name: 'West', zone: 'UTC', numbers: [number('+12125550101'), number('+12135550100')] };
    const refused = { saved: false, reason: 'numbers-taken', numbers: ['+12125550101'] };
    assert.deepEqual(await store.save(null, other, 2), refused);
    assert.deepEqual(await store.save(null, { ...other, name: 'East' }, 2), {
      saved: false,
      reason: 'name-taken',
    });
    assert.equal((await store.all()).length, 1);
  });

  it('fault: eight dialers take the last calls of a number at the same moment – it is shown as often as it may be', async () => {
    const store = createNumberPoolStore(theApp());
    const limited = number('+12125550111', { dailyLimit: 20 });
    const taken = await Promise.all(Array.from({ length: 32 }, () => store.take(limited, '2026-03-02')));
    assert.equal(taken.filter(Boolean).length, 20);
    const pools = [{ zone: 'UTC', numbers: [limited] }];
    assert.equal((await store.callsToday(pools, Date.UTC(2026, 2, 2))).get(limited.e164), 20);
    assert.equal(await store.take(limited, '2026-03-03'), true);
  });

  it('forget days long past, and no others', async () => {
    const store = createNumberPoolStore(theApp());
    await store.take(number('+12125550112'), '2026-01-01');
    await store.take(number('+12125550112'), '2026-05-01');
    await store.sweep(Date.UTC(2026, 4, 2));
    const pools = [{ zone: 'UTC', numbers: [number('+12125550112')] }];
    assert.equal((await store.callsToday(pools, Date.UTC(2026, 0, 1))).size, 0);
    assert.equal((await store.callsToday(pools, Date.UTC(2026, 4, 1))).size, 1);
  });

  it('go when no campaign shows them', async () => {
    const app = theApp();
    const store = createNumberPoolStore(app);
    const form = { name: 'Short', zone: 'UTC', numbers: [number('+12125550113')] };
    const saved = await store.save(null, form, 1);
    assert.ok(saved.saved);
    const campaignId = await makeCampaign(app, { name: 'Spring', numberPoolId: saved.id });
    assert.deepEqual(await store.remove(saved.id), { removed: false, campaigns: ['Spring'] });
    await app.db.knex('campaigns').where({ id: campaignId }).update({ number_pool_id: null });
    assert.deepEqual(await store.remove(saved.id), { removed: true });
    assert.equal(await store.get(saved.id), null);
  });
});

describe('pages of caller numbers', () => {
  let web: CampaignsWeb;
  let manager: Visitor;
  before(async () => {
    web = await campaignsWeb();
    manager = await web.signedIn('manager');
    await manager.get('/number-pools');
  });
  after(() => web.close());
  const store = () => createNumberPoolStore(web.app);

  it('take numbers pasted as people write them, and show them with what they did today', async () => {
    shows((await manager.get('/number-pools')).text, /No caller numbers yet/);
    const answer = await manager.post('/number-pools', {
      ...{ name: 'East', zone: 'America/New_York', moreLimit: '200' },
      more: '+1 (212) 555-0101\n+1 718 555 0102; +12125550101',
    });
    assert.equal(answer.status, 303, answer.text);
    const pool = (await store().all())[0]!;
    assert.deepEqual(pool.numbers, [
      number('+12125550101', { dailyLimit: 200 }),
      number('+17185550102', { dailyLimit: 200 }),
    ]);
    const page = await manager.get(`/number-pools/${pool.id}`);
    shows(page.text, /value="\+12125550101"/);
    shows((await manager.get('/number-pools')).text, /East/);
    const actions = await web.app.db.knex('audit_log').where({ entity: 'number_pools' }).pluck('action');
    assert.deepEqual(actions, ['number-pool.created']);
  });

  it('fault: a line is no number, and a number is in another pool – what was typed stays and says so', async () => {
    const wrong = await manager.post('/number-pools', { name: 'West', zone: 'UTC', more: '212 555 0101' });
    assert.equal(wrong.status, 422);
    shows(wrong.text, /212 555 0101/);
    shows(wrong.text, /with \+ and country code/);
    const taken = await manager.post('/number-pools', { name: 'West', zone: 'UTC', more: '+12125550101' });
    assert.equal(taken.status, 422);
    shows(taken.text, /Another pool has this number/);
    assert.equal((await store().all()).length, 1);
  });

  it('fault: two managers save a pool – the second is told, keeps what was typed, and takes nothing away unseen', async () => {
    const pool = (await store().all())[0]!;
    const typed = { name: pool.name, zone: pool.zone, revision: pool.revision };
    const kept = Object.fromEntries(
      pool.numbers.flatMap(({ e164 }, row) => [
        [`numbers[${row}][e164]`, e164],
        [`numbers[${row}][dailyLimit]`, '200'],
        [`numbers[${row}][enabled]`, 'on'],
      ]),
    );
    const url = `/number-pools/${pool.id}`;
    shows((await manager.get(url)).text, new RegExp(`name="revision" value="${pool.revision}"`));
    const first = { ...typed, ...kept, more: '+16465550109', moreLimit: '200' };
    assert.equal((await manager.post(url, first)).status, 303);
    const second = { ...typed, ...kept, name: 'East coast' };
    const refused = await manager.post(url, second);
    assert.equal(refused.status, 409);
    shows(refused.text, /Somebody else has saved this pool/);
    shows(refused.text, /value="East coast"/);
    const after = (await store().get(pool.id))!;
    assert.deepEqual([after.name, after.numbers.length], [pool.name, pool.numbers.length + 1]);
    assert.equal((await manager.post(url, { ...second, revision: after.revision })).status, 303);
    assert.equal((await store().get(pool.id))!.name, 'East coast');
    const back = { ...typed, ...kept, revision: after.revision + 1 };
    assert.equal((await manager.post(url, back)).status, 303);
  });

  it('say which are probably labelled as spam and why, until somebody says that they are fine', async () => {
    const pool = (await store().all())[0]!;
    const url = `/number-pools/${pool.id}`;
    hides((await manager.get(url)).text, /Probably labelled as spam/);
    const { app } = web;
    const [{ e164 }] = pool.numbers as [PoolNumber];
    const reason = { answered: 15, calls: 300, expected: 0.25 };
    await createNumberFlagStore(app).flag({ e164, poolId: pool.id }, reason, app.clock.now(), null);
    shows((await manager.get('/number-pools')).text, /1 probably labelled as spam/);
    shows(
      (await manager.get(url)).text,
      /5\.0% of 300 calls were answered; of the others’ 25\.0%[^]*Still shown/,
    );
    const other = await manager.post(`${url}/fine`, { e164: '+19995550100' });
    assert.equal(other.status, 404);
    assert.equal((await manager.post(`${url}/fine`, { e164 })).status, 303);
    hides((await manager.get(url)).text, /of the others’/);
    const actions = await app.db
      .knex('audit_log')
      .where({ entity: 'number_pools' })
      .orderBy('id')
      .pluck('action');
    assert.deepEqual(actions.slice(-2), ['number-pool.number-flagged', 'number-pool.number-fine']);
  });

  it('keep whether labelled numbers rest', async () => {
    const pool = (await store().all())[0]!;
    const numbers = Object.fromEntries(
      pool.numbers.flatMap(({ e164, dailyLimit }, row) => [
        [`numbers[${row}][e164]`, e164],
        [`numbers[${row}][dailyLimit]`, String(dailyLimit ?? '')],
        [`numbers[${row}][enabled]`, 'on'],
      ]),
    );
    const url = `/number-pools/${pool.id}`;
    const sent = { name: pool.name, zone: pool.zone, ...numbers };
    assert.equal(
      (await manager.post(url, { ...sent, revision: pool.revision, restFlagged: 'on' })).status,
      303,
    );
    assert.equal((await store().get(pool.id))!.restFlagged, true);
    assert.equal((await manager.post(url, { ...sent, revision: pool.revision + 1 })).status, 303);
    assert.equal((await store().get(pool.id))!.restFlagged, false);
  });

  it('are chosen in a campaign, which lacks a number when none is in use', async () => {
    const pool = (await store().all())[0]!;
    const id = await makeCampaign(web.app, { numberPoolId: pool.id });
    shows((await manager.get(`/campaigns/${id}/edit`)).text, /East \(2 numbers\)/);
    shows((await manager.get(`/campaigns/${id}`)).text, /from 2 numbers of the pool/);
    const off = pool.numbers.map((one) => ({ ...one, enabled: false }));
    await store().save(pool, { ...pool, numbers: off }, 2);
    shows((await manager.get(`/campaigns/${id}`)).text, /No number of its pool is in use/);
    const used = await manager.post(`/number-pools/${pool.id}/delete`, {});
    assert.equal(used.status, 409);
  });

  it('are not for agents and marketing', async () => {
    for (const role of ['agent', 'marketing', 'supervisor'] as const) {
      const visitor = await web.signedIn(role);
      assert.equal((await visitor.get('/number-pools')).status, 403, role);
      assert.equal((await visitor.post('/number-pools/1/fine', { e164: '+12125550101' })).status, 403, role);
    }
  });
});
