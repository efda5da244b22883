import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, it } from 'mocha';
import { createFunnel } from '../../../campaigns/compliance/answers/funnel.ts';
import { createOpenings } from '../../../campaigns/compliance/answers/openings.ts';
import { createConsentStore, createGate, loadCatalogue } from '../../../campaigns/compliance/index.ts';
import { calledOf } from '../../../campaigns/compliance/proof/called-walk.ts';
import { createProofPack } from '../../../campaigns/compliance/proof/proof-pack.ts';
import { createRuleBook } from '../../../campaigns/compliance/rulebook/rule-book.ts';
import { createRuleVersionStore } from '../../../campaigns/compliance/rulebook/rule-version-store.ts';
import { createCampaignStore } from '../../../campaigns/index.ts';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import { createLeadStore } from '../../../campaigns/leads/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { customerFields } from '../../crm/fixtures.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Monday 2026-11-23, 10:00 in New York, 15:00 in London, 23:00 in Taipei. */
onBothEngines('answers', (appOf) => {
  let app: TestApp;
  let campaignId: number;
  before(async () => {
    app = appOf();
    const ownWindow = { abandonWindowMs: dayMs };
    campaignId = await makeCampaign(app, { mode: 'progressive', zone: 'America/New_York', ...ownWindow });
    const at = app.clock.now();
    const ids = await addLeads(app, campaignId, [
      { phones: ['+12125550101'] },
      { phones: ['+442079460101'] },
      { phones: ['+886223450101'] },
      { phones: ['+12125550102'], state: 'waiting', next_at: at + 2 * hourMs, state_reason: 'busy' },
      { phones: ['+12125550103'], state: 'done' },
      { phones: ['+12125550104'], state: 'blocked', state_reason: 'DNC_INTERNAL' },
      { phones: ['+12125550105'] },
      { phones: ['+12125550106'] },
    ]);
    assert.ok((await createLeadStore(app).reserveOne(ids[6]!, 'main', at)).moved);
    await app.db.knex('customers').update({ address_region: null });
    await createDncStore(app).add({
      ...{ e164: '+12125550106', campaignId: null, reason: 'asked', source: 'agent', by: 1, at },
    });
  });
  const campaign = async () => (await createCampaignStore(app).get(campaignId))!;
  const openings = () => createOpenings(app, createRuleBook(app));

  it('count the leads on their way from loaded to dialable, with what is lost at each step', async () => {
    const ahead = await openings().hours(await campaign(), 24);
    const steps = await createFunnel(app).steps(await campaign(), ahead);
    assert.deepEqual(
      steps.map(({ key, left }) => [key, left]),
      [
        ['loaded', 8],
        ['unfinished', 6],
        ['free', 5],
        ['due', 4],
        ['dialable', 2],
      ],
    );
    assert.deepEqual(steps[1]?.lost, [
      { reason: 'done', count: 1 },
      { reason: 'DNC_INTERNAL', count: 1 },
    ]);
    assert.deepEqual(steps[3]?.lost, [{ reason: 'busy', count: 1 }]);
    assert.deepEqual(
      new Set(steps[4]?.lost.map(({ reason, count }) => `${reason} ${count}`)),
      new Set(['DNC_INTERNAL 1', 'TIME_AFTER_CLOSE 1']),
    );
    for (const [index, { left, lost }] of steps.entries())
      if (index > 0)
        assert.equal(left + lost.reduce((sum, { count }) => sum + count, 0), steps[index - 1]!.left);
  });

  it('look at leads that are due, and at those of every state, however many wait for their time', async () => {
    const many = await makeCampaign(app, { mode: 'progressive', zone: 'America/New_York' });
    const later = app.clock.now() + 3 * hourMs;
    const people = Array.from({ length: 3_000 }, (_, n) =>
      customerFields({ phones: [{ e164: `+1212555${String(1_000 + n)}`, type: 'mobile' }] }),
    );
    const at = app.clock.now();
    const ids = await app.db.transaction((trx) => createCustomerStore(app).insertMany(people, at, trx));
    const busy = { state: 'waiting', next_at: later, state_reason: 'busy', attempts: 1 };
    const fresh = { state: 'new', next_at: 0, state_reason: null, attempts: 0 };
    await app.db.insertMany(
      'leads',
      ids.map((customer_id, n) => ({
        ...{ campaign_id: many, customer_id, list_id: 1, created_at: at, updated_at: at },
        ...(n < 2_100 ? busy : fresh),
      })),
    );
    const ahead = await openings().hours((await createCampaignStore(app).get(many))!, 24);
    const steps = await createFunnel(app).steps((await createCampaignStore(app).get(many))!, ahead);
    assert.deepEqual(steps.slice(3).map(({ left }) => left), [900, 900]); // prettier-ignore
    assert.deepEqual(steps[3]!.lost, [{ reason: 'busy', count: 2_100 }]);
    assert.ok(Math.abs(ahead.sampled - 2_000) < 200, `looked at ${ahead.sampled}`);
    const [now, , , , later4h] = ahead.zones[0]!.counts.map((count) => count / ahead.sampled);
    assert.ok(Math.abs(now! - 0.3) < 0.05, `${now} may be called now, 900 of 3,000`);
    assert.equal(later4h, 1);
  });

  it('say when the leads of each zone open', async () => {
    const { instants, zones, sampled, now } = await openings().hours(await campaign(), 24);
    assert.deepEqual([sampled, now.sampled, instants.length], [5, 4, 24]);
    const counts = (zone: string) => zones.find((one) => one.zones?.join() === zone)!.counts;
    assert.deepEqual(counts('Asia/Taipei').slice(0, 12), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    // The one that was busy is due after two hours; 20:00 in New York is ten hours away.
    assert.deepEqual(counts('America/New_York').slice(0, 12), [1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0]);
    assert.deepEqual(counts('Europe/London').slice(0, 8), [1, 1, 1, 1, 1, 0, 0, 0]);
  });

  it('run tomorrow dry: who may be called, and when at the earliest', async () => {
    const run = await openings().tomorrow(await campaign(), 10);
    assert.equal(new Date(run.from).toISOString(), '2026-11-24T05:00:00.000Z');
    assert.equal(run.until - run.from, dayMs);
    assert.deepEqual(
      run.calls.map(({ e164, at }) => [e164, new Date(at).toISOString().slice(0, 16)]),
      [
        ['+886223450101', '2026-11-24T05:00'],
        ['+442079460101', '2026-11-24T09:00'],
        ['+12125550101', '2026-11-24T14:00'],
        ['+12125550102', '2026-11-24T14:00'],
      ],
    );
    assert.deepEqual(run.blocked, [{ reason: 'DNC_INTERNAL', count: 1 }]);
  });

  it('go into one zip with every part, and figures that agree with the events', async () => {
    const at = app.clock.now();
    const gate = createGate(app);
    await gate.mayCall({ e164: '+12125550101', stage: 'dial', path: 'progressive', campaignId });
    await app.db.insertMany(
      'calls',
      [true, false, false, false, true].map((abandoned, n) => ({
        ...{ id: `p-${n}`, direction: 'out', path: 'progressive', campaign_id: campaignId, customer_id: 1 },
        ...{ e164: '+12125550101', state: 'ended', outcome: abandoned ? 'abandoned' : 'answered' },
        ...timesOf(abandoned, n < 4 ? at - hourMs : at - 3 * dayMs),
      })),
    );
    await createConsentStore(app).add(
      {
        ...{ customerId: 1, e164: null, kind: 'opt_in', source: 'web', proof: 'form "7", page 2' },
        ...{ givenAt: at - dayMs, expiresAt: null },
      },
      { userId: 1, at },
    );
    const byNumber = { kind: 'pewc', source: 'paper', givenAt: at - dayMs, expiresAt: null } as const;
    await createConsentStore(app).addMany(
      [
        { ...byNumber, customerId: null, e164: '+12125550101', proof: 'whoever owns the number' },
        { ...byNumber, customerId: null, e164: '+12125550102', proof: 'not called' },
        { ...byNumber, customerId: 99, e164: '+12125550101', proof: 'of somebody else' },
        { ...byNumber, customerId: 1, e164: '+12125550101', proof: 'of the customer, for the number' },
      ],
      { userId: 1, at },
    );
    const packed = async (zone: string) => {
      const period = { from: at - dayMs, until: at + 1, zone };
      const { stream, done } = createProofPack(app).write(await campaign(), period);
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      await done;
      return unzip(Buffer.concat(chunks));
    };
    const files = await packed('America/New_York');
    assert.deepEqual([...files.keys()].sort(), [
      'abandonment.csv',
      'about.json',
      'calendars.json',
      'consents.csv',
      'dnc-log.csv',
      'overrides.csv',
      'rule-choices.csv',
      'rules.json',
      'scrubs.csv',
      'suspensions.csv',
      'verdict-counts.csv',
      'verdicts.csv',
    ]);
    assert.match(
      files.get('abandonment.csv')!,
      /2026-11-23,1,3,4,0\.25000,0\.25000,1,3,0\.25000,2,3,0\.40000\s/,
    );
    assert.match(files.get('abandonment.csv')!, /window_campaign_rate,window_law_30d_abandoned,.*_rate\s/);
    // What the law counted within the period, and not what it came to count later.
    const { form } = loadCatalogue().get('us.fed_tm')!;
    for (const [days, effectiveAt] of [
      [7, at - hourMs],
      [3, at + hourMs],
    ] as const)
      // prettier-ignore
      await createRuleVersionStore(app).add({
        ...{ name: 'us.fed_tm', form: { ...form, abandon_window_days: days }, loosens: false },
        ...{ effectiveAt, note: `${days} days`, by: 1, at },
      });
    app.clock.advance(2 * hourMs);
    const past = (await packed('America/New_York')).get('abandonment.csv')!;
    assert.match(
      past,
      /window_law_30d_rate,window_law_7d_abandoned,window_law_7d_connected,window_law_7d_rate\s/,
    );
    // Called by other rules since: those of the period stay what they were.
    await app.db.knex('campaigns').where({ id: campaignId }).update({ rule_set: 'de.uwg' });
    const since = (await packed('America/New_York')).get('abandonment.csv')!;
    assert.match(since, /window_law_30d_rate,window_law_7d_abandoned/);
    await app.db.knex('campaigns').where({ id: campaignId }).update({ rule_set: null });
    assert.match(files.get('about.json')!, /"rules": \{\s+"insteadOfTheLaw": null/);
    assert.match(files.get('about.json')!, /"zone": "America\/New_York"\s+\},\s+"madeAt"/);
    // 14:00 in UTC is 03:00 of the next day there.
    const east = (await packed('Pacific/Auckland')).get('abandonment.csv')!;
    assert.match(east, /2026-11-23,0,0,0,.*\s+2026-11-24,1,3,4,0\.25000/);
    assert.match(files.get('verdict-counts.csv')!, /dial,progressive,allow,OK,1/);
    assert.match(files.get('consents.csv')!, /opt_in,web,"form ""7"", page 2"/);
    const proofs = files.get('consents.csv')!.match(/whoever owns the number|not called|of somebody else|of the customer/g); // prettier-ignore
    assert.deepEqual(proofs, ['of the customer', 'whoever owns the number'], 'each that bears, and once');
    assert.match(files.get('dnc-log.csv')!, /12125550106,added,asked,agent/);
    assert.match(files.get('calendars.json')!, /"date": "2026-11-26",\s+"kind": "holiday"/);
    assert.match(files.get('rules.json')!, /47 CFR 64\.1200/);
  });

  it('read a long period a little at a time, and count all of it', async () => {
    const busy = await makeCampaign(app, { mode: 'progressive', zone: 'America/New_York' });
    const [verdicts, calls] = [4_100, 4_300];
    const at = app.clock.now();
    const verdict = (n: number) => ({
      ...{ e164: '+12125550101', stage: 'dial', path: 'progressive', campaign_id: busy, facts: '{}' },
      // More at one instant than are read at once.
      ...{ at: at - (n < 2_500 ? 5_000 : n), decision: n % 2 ? 'allow' : 'block' },
      ...{ reason_code: n % 2 ? 'OK' : 'DNC_INTERNAL', rule_version: n === 4_000 ? 'us.fed_tm@a+us.ny@b' : 'us.fed_tm@a' }, // prettier-ignore
    });
    await app.db.insertMany('gate_verdicts', Array.from({ length: verdicts }, (_, n) => verdict(n))); // prettier-ignore
    const call = (n: number) => ({
      ...{
        id: `busy-${n}`,
        direction: 'out',
        path: 'progressive',
        campaign_id: busy,
        customer_id: 5_000 + n,
      },
      ...{ e164: `+1212556${String(n).padStart(4, '0')}`, state: 'ended', outcome: 'answered' },
      ...timesOf(n % 10 === 0, at - (n < 2_500 ? 5_000 : n)),
    });
    await app.db.insertMany(
      'calls',
      Array.from({ length: calls }, (_, n) => call(n)),
    );
    const given = { e164: null, kind: 'opt_in', source: 'web', proof: 'the last one', givenAt: 1, expiresAt: null } as const; // prettier-ignore
    await createConsentStore(app).add({ ...given, customerId: 5_000 + calls - 1 }, { userId: 1, at });
    const asked: { sql: string; bindings: unknown[] }[] = [];
    const hear = (one: { sql: string; bindings: unknown[] }) => void asked.push(one);
    app.db.knex.on('query', hear);
    const period = { from: at - dayMs, until: at + 1, zone: 'America/New_York' };
    const { stream, done } = createProofPack(app).write((await createCampaignStore(app).get(busy))!, period);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    await done;
    app.db.knex.removeListener('query', hear);
    const files = await unzip(Buffer.concat(chunks));
    assert.equal(files.get('verdicts.csv')!.trim().split('\n').length, verdicts + 1);
    assert.match(files.get('verdict-counts.csv')!, /dial,progressive,allow,OK,2050\s+dial,progressive,block,DNC_INTERNAL,2050\s/); // prettier-ignore
    assert.match(files.get('abandonment.csv')!, /2026-11-23,430,3870,4300,/);
    assert.match(files.get('rules.json')!, /"us\.ny@b"/);
    assert.match(files.get('consents.csv')!, /the last one/);
    const everybody = /select distinct .* from .calls. where .(customer_id|e164). >/;
    assert.deepEqual(asked.filter(({ sql }) => everybody.test(sql)), [], 'who else was ever called is not looked through'); // prettier-ignore
    const reached = async (kept?: number) => {
      const called = await calledOf(app.db.knex, { campaignId: busy, ...period }, kept);
      const found: (number | string)[] = [];
      for await (const some of called.customers()) found.push(...some);
      for await (const some of called.numbers()) found.push(...some);
      return found.sort();
    };
    const few = await reached();
    assert.deepEqual([few.length, new Set(few).size], [2 * calls, 2 * calls]);
    assert.deepEqual(await reached(calls - 1), few, 'of a campaign with more calls than fit');
    if (app.db.engine === 'sqlite') {
      const log = asked.find(({ sql }) => /from .dnc_log/.test(sql))!;
      const plan = await app.db.knex.raw(`explain query plan ${log.sql}`, log.bindings as string[]);
      assert.match(JSON.stringify(plan), /dnc_log_at/, 'the log of a period is found by its time');
    }
    for (const { sql, bindings } of asked.filter(({ sql }) => /from .(gate_verdicts|calls)\W/.test(sql))) {
      if (/limit/.test(sql) && !/where `campaign_id` = .*`direction`/.test(sql)) continue;
      if (/in \(/.test(sql)) continue;
      assert.match(sql, /from .calls\W.*group by/, sql);
      const [start, end] = bindings.filter((value) => typeof value === 'number' && value > at - 100 * dayMs) as [number, number]; // prettier-ignore
      const [{ n }] = (await app.db.knex('calls').where({ campaign_id: busy }).where('created_at', '>=', start).where('created_at', '<', end).count({ n: '*' })) as [{ n: number }]; // prettier-ignore
      assert.ok(Number(n) <= 2_500, `${n} calls in one statement`);
    }
  });

  it('fault: whoever loads a proof pack leaves in the middle – nothing waits for them for ever', async () => {
    const many = await makeCampaign(app, { mode: 'progressive' });
    const at = app.clock.now();
    // Nothing that becomes small enough to wait in the streams until somebody reads it.
    const facts = () => JSON.stringify({ text: randomBytes(600).toString('base64') });
    const verdict = { e164: '+12125550101', stage: 'dial', path: 'progressive', campaign_id: many };
    const rest = { at, decision: 'allow', reason_code: 'OK', rule_version: 'us.fed_tm@a' };
    await app.db.insertMany(
      'gate_verdicts',
      Array.from({ length: 3_000 }, () => ({ ...verdict, ...rest, facts: facts() })),
    );
    const period = { from: at, until: at + 1, zone: 'UTC' };
    const { stream, done } = createProofPack(app).write((await createCampaignStore(app).get(many))!, period);
    stream.once('data', () => stream.pause());
    await new Promise((read) => stream.once('pause', read));
    stream.destroy();
    await done;
    await app.db.knex('gate_verdicts').where({ campaign_id: many }).delete();
  });
});

const timesOf = (abandoned: boolean, at: number) => ({
  ...{ created_at: at, dialed_at: at, answered_at: at },
  ...{ connected_at: abandoned ? null : at, abandoned_at: abandoned ? at : null },
});

/** Texts of a zip, by its central directory. */
async function unzip(zip: Buffer): Promise<Map<string, string>> {
  const { inflateRawSync } = await import('node:zlib');
  const files = new Map<string, string>();
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const local = zip.readUInt32LE(at + 42);
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(data, data + size);
    files.set(
      zip.toString('utf8', at + 46, at + 46 + name),
      (method === 8 ? inflateRawSync(bytes) : bytes).toString(),
    );
    at += 46 + name + extra + comment;
  }
  return files;
}
