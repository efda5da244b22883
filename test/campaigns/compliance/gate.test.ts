import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'mocha';
import {
  createGate,
  createVerdictStore,
  type Gate,
  type GateRequest,
} from '../../../campaigns/compliance/index.ts';
import { createConsentStore } from '../../../campaigns/compliance/consents/consent-store.ts';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

const newYork = '+12125550143';
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe('gate', () => {
  let app: TestApp;
  let gate: Gate;
  let campaignId: number;
  let leadId: number;
  let serial = 0;
  let callSerial = 0;

  // Monday 2026-11-23, 10:00 in New York.
  before(async () => {
    app = await testApp();
    gate = createGate(app);
  });
  after(() => app.close());
  beforeEach(async () => {
    campaignId = await makeCampaign(app, { mode: 'predictive', maxAttempts: 3 });
    serial += 1;
    [leadId = 0] = await addLeads(app, campaignId, [
      { phones: [`+1212555${String(serial).padStart(4, '0')}`] },
    ]);
  });

  const numberOfLead = () => `+1212555${String(serial).padStart(4, '0')}`;
  const ask = (change: Partial<GateRequest> = {}): GateRequest => ({
    e164: numberOfLead(),
    stage: 'dial',
    path: 'predictive',
    campaignId,
    leadId,
    ...change,
  });
  const pastCall = async (change: Record<string, unknown>): Promise<void> => {
    const at = (change.created_at as number | undefined) ?? app.clock.now() - hourMs;
    await app.db.knex('calls').insert({
      id: `call-${(callSerial += 1)}`,
      direction: 'out',
      path: 'predictive',
      e164: numberOfLead(),
      state: 'ended',
      created_at: at,
      dialed_at: at,
      ...change,
    });
  };

  it('allows a lead inside its hours, and says by which rules and facts', async () => {
    const verdict = await gate.mayCall(ask());
    assert.equal(verdict.reasonCode, 'OK');
    assert.equal(verdict.outlook, 'clear');
    assert.equal(verdict.ruleSet, `us.fed_tm+campaign.${campaignId}`);
    assert.match(verdict.ruleVersion, /^us\.fed_tm@[0-9a-f]{10}\+campaign\.\d+@[0-9a-f]{10}$/);
    assert.deepEqual(verdict.facts.local, { 'America/New_York': '2026-11-23T10:00:00-05:00' });
    assert.ok(!JSON.stringify(verdict.facts).includes(numberOfLead().slice(1)));
  });

  it('keeps every answer, and finds it by number, lead and campaign', async () => {
    const verdicts = createVerdictStore(app);
    await gate.mayCall(ask({ callId: 'call-x' }));
    await gate.mayCall(ask({ stage: 'reserve' }));
    for (const filter of [{ leadId }, { campaignId }, { e164: numberOfLead() }]) {
      const { rows, total } = await verdicts.list(filter, { limit: 10, offset: 0 });
      assert.equal(total.count, 2);
      assert.deepEqual(
        rows.map(({ stage, reasonCode }) => [stage, reasonCode]),
        [
          ['reserve', 'OK'],
          ['dial', 'OK'],
        ],
      );
    }
    assert.equal((await verdicts.list({ callId: 'call-x' }, { limit: 1, offset: 0 })).total.count, 1);
  });

  it('blocks a number on the DNC list at once, on every path, and gives the lead up', async () => {
    const dnc = createDncStore(app);
    const entry = { e164: numberOfLead(), reason: 'asked by phone', source: 'agent' as const, by: 1 };
    await dnc.add({ ...entry, campaignId: null, at: app.clock.now() });
    for (const path of ['predictive', 'preview', 'manual', 'callback', 'transfer', 'api'] as const) {
      const verdict = await gate.mayCall(ask({ path }));
      assert.equal(verdict.reasonCode, 'DNC_INTERNAL', path);
      assert.equal(verdict.outlook, 'never');
    }
    await dnc.remove({ ...entry, campaignId: null, at: app.clock.now() });
    assert.equal((await gate.mayCall(ask())).decision, 'allow');
  });

  it('keeps the DNC list of one campaign from others', async () => {
    const other = await makeCampaign(app);
    await createDncStore(app).add({
      e164: numberOfLead(),
      campaignId: other,
      reason: 'not this product',
      source: 'customer',
      by: null,
      at: app.clock.now(),
    });
    assert.equal((await gate.mayCall(ask())).decision, 'allow');
    assert.equal((await gate.mayCall(ask({ campaignId: other, leadId: null }))).reasonCode, 'DNC_INTERNAL');
  });

  it('takes the hours of the campaign as windows in the customer’s own time', async () => {
    const evening: [string, string][] = [['17:00', '19:00']];
    const id = await makeCampaign(app, {
      hours: { mon: evening, tue: evening, wed: [], thu: [], fri: [], sat: [], sun: [] },
    });
    const verdict = await gate.mayCall(ask({ campaignId: id, leadId: null }));
    assert.equal(verdict.reasonCode, 'TIME_BEFORE_OPEN');
    assert.equal(verdict.outlook, 'later');
    assert.equal(new Date(verdict.nextAllowedAt ?? 0).toISOString(), '2026-11-23T22:00:00.000Z');
  });

  it('adds the rules of the state the area code belongs to', async () => {
    const miami = await gate.mayCall(ask({ e164: '+13055550153', leadId: null }));
    assert.equal(miami.ruleSet, `us.fed_tm+us.fl+campaign.${campaignId}`);
    const dakota = await gate.mayCall(ask({ e164: '+16055550153', leadId: null }));
    assert.equal(dakota.ruleSet, `us.fed_tm+us.sd_atds+campaign.${campaignId}`);
    const byHand = await gate.mayCall(ask({ e164: '+16055550153', leadId: null, path: 'manual' }));
    assert.equal(byHand.ruleSet, `us.fed_tm+campaign.${campaignId}`);
    const tokyo = await gate.mayCall(ask({ e164: '+81312345678', leadId: null }));
    assert.equal(tokyo.ruleSet, `jp.policy+campaign.${campaignId}`);
    const lima = await gate.mayCall(ask({ e164: '+5112345678', leadId: null }));
    assert.equal(lima.ruleSet, `intl.policy+campaign.${campaignId}`);
  });

  it('counts attempts over all campaigns and numbers of the person, and opens when the oldest leaves', async () => {
    const florida = '+13055550177';
    const oldest = app.clock.now() - 20 * hourMs;
    for (const created_at of [oldest, oldest + hourMs, oldest + 2 * hourMs])
      await pastCall({ e164: florida, campaign_id: campaignId + 1, created_at });
    const verdict = await gate.mayCall(ask({ e164: florida, leadId: null }));
    assert.equal(verdict.reasonCode, 'FREQ_CAP_ROLLING');
    assert.equal(verdict.nextAllowedAt, oldest + dayMs);
  });

  it('does not count the call it is asked about, nor one that was never dialled', async () => {
    const florida = '+13055550178';
    for (const id of ['mine', 'a', 'b']) await pastCall({ id: `${florida}-${id}`, e164: florida });
    await pastCall({ e164: florida, dialed_at: null });
    const verdict = await gate.mayCall(ask({ e164: florida, leadId: null, callId: `${florida}-mine` }));
    assert.equal(verdict.reasonCode, 'OK');
    assert.equal(verdict.facts.numberAttempts, 2);
  });

  it('stops at the campaign’s attempts, but keeps a promised callback', async () => {
    await app.db.knex('leads').where({ id: leadId }).update({ attempts: 3 });
    assert.equal((await gate.mayCall(ask({ stage: 'reserve' }))).reasonCode, 'ATTEMPTS_EXHAUSTED');
    assert.equal((await gate.mayCall(ask({ path: 'callback' }))).decision, 'allow');
    const promised = { state: 'reserved', reserved_from: 'callback' };
    await app.db.knex('leads').where({ id: leadId }).update(promised);
    assert.equal(
      (await gate.mayCall(ask({ stage: 'reserve' }))).decision,
      'allow',
      'also when it is dialled by list',
    );
    await app.db.knex('leads').where({ id: leadId }).update({ reserved_from: 'waiting' });
    // The attempt that is being dialled is in the count already.
    await app.db.knex('leads').where({ id: leadId }).update({ state: 'dialing' });
    assert.equal((await gate.mayCall(ask())).decision, 'allow');
  });

  it('stops predictive dialling above the abandon cap, and lets progressive go on', async () => {
    for (let n = 0; n < 25; n += 1)
      await pastCall({
        campaign_id: campaignId,
        e164: newYork,
        outcome: n === 0 ? 'abandoned' : 'answered',
        answered_at: app.clock.now() - hourMs,
        connected_at: n === 0 ? null : app.clock.now() - hourMs,
        abandoned_at: n === 0 ? app.clock.now() - hourMs : null,
      });
    const verdict = await gate.mayCall(ask());
    assert.equal(verdict.reasonCode, 'ABANDON_RATE_EXCEEDED');
    assert.equal(verdict.outlook, 'uncertain');
    assert.deepEqual(verdict.facts.abandonment, { abandoned: 1, connected: 24 });
    assert.equal((await gate.mayCall(ask({ path: 'progressive' }))).decision, 'allow');
  });

  it('knows whom an agent met too late as abandoned, though they talked', async () => {
    const at = app.clock.now() - hourMs;
    await pastCall({
      ...{ campaign_id: campaignId, e164: numberOfLead(), outcome: 'answered', answered_at: at },
      ...{ connected_at: at + 5_000, abandoned_at: at + 5_000, ended_at: at + 60_000 },
    });
    assert.equal((await gate.mayCall(ask())).facts.lastAbandonedAt, at + 60_000);
  });

  it('takes consent from the ledger alone, not from a field of the customer’s that is named so', async () => {
    const germany = '+493012345678';
    const [german = 0] = await addLeads(app, campaignId, [{ phones: [germany] }]);
    const lead = await app.db.knex('leads').where({ id: german }).first();
    const asked = ask({ e164: germany, leadId: german });
    assert.equal((await gate.mayCall(asked)).reasonCode, 'CONSENT_MISSING');
    await app.db.knex('customers').where({ id: lead.customer_id }).update({ custom: '{"consent":"opt_in"}' });
    assert.equal((await gate.mayCall(asked)).reasonCode, 'CONSENT_MISSING');
    const at = app.clock.now() - hourMs;
    const given = { kind: 'opt_in', source: 'web', proof: 'form 7', givenAt: at, expiresAt: null } as const;
    await createConsentStore(app).add(
      { ...given, customerId: lead.customer_id, e164: null },
      { userId: 1, at },
    );
    assert.equal((await gate.mayCall(asked)).decision, 'allow');
  });

  it('lets what one owner of a number has taken back for it bind the lead of another', async () => {
    const ledger = createConsentStore(app);
    const shared = '+493012345679';
    const [mine = 0, theirs = 0] = await addLeads(app, campaignId, [{ phones: [shared] }, { phones: [shared] }]); // prettier-ignore
    const ownerOf = async (id: number): Promise<number> =>
      (await app.db.knex('leads').where({ id }).first()).customer_id;
    const before = { userId: 1, at: app.clock.now() - 2 * hourMs };
    const given = { kind: 'opt_in', source: 'web', proof: 'form 8', expiresAt: null } as const;
    const line = { ...given, givenAt: before.at };
    const first = await ledger.add({ ...line, customerId: await ownerOf(mine), e164: shared }, before);
    await ledger.add({ ...line, customerId: await ownerOf(theirs), e164: null }, before);
    const asked = ask({ e164: shared, leadId: theirs });
    assert.equal((await gate.mayCall(asked)).decision, 'allow');
    await ledger.revoke(first, { reason: 'not me', userId: 1, at: app.clock.now() - hourMs });
    const verdict = await gate.mayCall(asked);
    assert.equal(verdict.reasonCode, 'CONSENT_REVOKED');
    assert.ok((verdict.facts.consentLines as number[]).includes(first));
    const now = app.clock.now();
    await ledger.add({ ...given, customerId: await ownerOf(theirs), e164: shared, givenAt: now }, { userId: 1, at: now }); // prettier-ignore
    assert.equal((await gate.mayCall(asked)).decision, 'allow', 'given after that');
    assert.equal((await gate.mayCall(ask({ e164: shared, leadId: mine }))).reasonCode, 'CONSENT_REVOKED');
  });

  it('lets a recorded message be left only with a consent to be called: in the US, for sales, in writing', async () => {
    const british = '+442071838750';
    const [briton = 0] = await addLeads(app, campaignId, [{ phones: [british] }]);
    const debts = await makeCampaign(app, { mode: 'predictive', ruleSet: 'us.regf' });
    const [debtor = 0] = await addLeads(app, debts, [{ phones: ['+12125550777'] }]);
    const ledger = createConsentStore(app);
    const at = app.clock.now() - hourMs;
    const cases = [
      [ask({ path: 'greeting', e164: british, leadId: briton }), 'opt_in'],
      [ask({ path: 'greeting', e164: '+12125550777', leadId: debtor, campaignId: debts }), 'prior_express_consent'],
      [ask({ path: 'greeting' }), 'pewc'],
    ] as const; // prettier-ignore
    for (const [request, enough] of cases) {
      const { customer_id: customerId } = await app.db.knex('leads').where({ id: request.leadId }).first();
      const asked = { ...request, stage: 'connect', customerId } as const;
      if (request.e164 === british)
        await app.db.knex('customers').where({ id: customerId }).update({ address_region: 'GB' });
      const give = (kind: 'night_consent' | 'contract_in_progress' | typeof enough) => {
        const line = { source: 'web', proof: 'form 9', givenAt: at, expiresAt: null, e164: null } as const;
        return ledger.add({ ...line, kind, customerId }, { userId: 1, at });
      };
      const reason = async () => (await gate.mayCall(asked)).reasonCode;
      assert.equal(await reason(), 'CONSENT_MISSING', `${enough}: none`);
      await give('night_consent');
      await give('contract_in_progress');
      assert.equal(await reason(), 'CONSENT_MISSING', `${enough}: not to be called`);
      await give(enough);
      assert.notEqual(await reason(), 'CONSENT_MISSING', enough);
    }
  });

  it('applies the rule sets a campaign names, and calls nobody when one is not there', async () => {
    const named = await makeCampaign(app, { ruleSet: 'us.regf' });
    const verdict = await gate.mayCall(ask({ campaignId: named, leadId: null }));
    assert.equal(verdict.ruleSet, `us.regf+campaign.${named}`);
    assert.equal(verdict.facts.kind, 'debt_collection');
    const wrong = await makeCampaign(app, { ruleSet: 'us.regf+us.zz' });
    const closed = await gate.mayCall(ask({ campaignId: wrong, leadId: null }));
    assert.equal(closed.reasonCode, 'FACTS_UNAVAILABLE');
    assert.deepEqual(closed.facts, { cause: 'unknown rule set', ruleSet: 'us.zz' });
  });

  it('answers a batch in its order with as many queries as for one', async () => {
    const many = await addLeads(
      app,
      campaignId,
      Array.from({ length: 500 }, (_, n) => ({ phones: [`+1212666${String(n).padStart(4, '0')}`] })),
    );
    await createDncStore(app).add({
      e164: '+12126660007',
      campaignId: null,
      reason: 'letter',
      source: 'page',
      by: 1,
      at: app.clock.now(),
    });
    let queries = 0;
    app.db.knex.on('query', () => (queries += 1));
    const verdicts = await gate.mayCallMany(
      many.map((id, n) =>
        ask({ leadId: id, e164: `+1212666${String(n).padStart(4, '0')}`, stage: 'reserve' }),
      ),
    );
    assert.ok(queries < 25, `${queries} queries`);
    assert.equal(verdicts.length, 500);
    assert.deepEqual(
      verdicts.flatMap((verdict, n) => (verdict.allowed ? [] : [n])),
      [7],
    );
  });

  describe('fails closed', () => {
    const request: GateRequest = { e164: newYork, stage: 'dial', path: 'manual', campaignId: null };
    const silent = { catalogue: undefined };

    it('when the campaign does not exist', async () => {
      const verdict = await gate.mayCall({ ...request, campaignId: 999_999 });
      assert.equal(verdict.reasonCode, 'FACTS_UNAVAILABLE');
    });

    // Fault: every query rejects.
    it('when the database refuses', async () => {
      const broken = createGate(app, { ...silent, facts: { of: () => Promise.reject(new Error('gone')) } });
      const verdict = await broken.mayCall(request);
      assert.equal(verdict.decision, 'block');
      assert.equal(verdict.outlook, 'uncertain');
    });

    // Fault: the database accepts the query and never answers.
    it('when the database does not answer', async () => {
      const hung = createGate(app, { facts: { of: () => new Promise(() => {}) }, answerWithinMs: 5 });
      const { reasonCode, facts } = await hung.mayCall(request);
      assert.deepEqual([reasonCode, facts.cause], ['FACTS_UNAVAILABLE', 'database-slow']);
    });

    // Fault: facts are read, the evidence cannot be written.
    it('when the verdict cannot be kept', async () => {
      const verdicts = { save: () => Promise.reject(new Error('disk full')) };
      const verdict = await createGate(app, { verdicts }).mayCall(request);
      assert.equal(verdict.reasonCode, 'FACTS_UNAVAILABLE');
    });
  });
});
