import assert from 'node:assert/strict';
import { it } from 'mocha';
import { createGate, type GatePath } from '../../../campaigns/compliance/index.ts';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';
import { onBothEngines } from '../engines.ts';
import { createPartnerStore } from '../../../campaigns/compliance/partners/partner-store.ts';
import { hides, shows } from '../pages.ts';
import { onCompliancePages } from './pages.ts';

const berlin = '+4930901820123';

onBothEngines('a number of the firm’s own people or partners', (theApp) => {
  it('may be called to hand a customer on without a consent, and in no other way', async () => {
    const app = theApp();
    const gate = createGate(app);
    const campaignId = await makeCampaign(app, { mode: 'predictive' });
    const ask = async (path: GatePath, e164 = berlin) => {
      const { reasonCode, facts } = await gate.mayCall({ e164, stage: 'dial', path, campaignId });
      return [reasonCode, facts.kind, facts.partner ?? null];
    };
    const sells = ['CONSENT_MISSING', 'live_telemarketing', null];
    assert.deepEqual(await ask('transfer'), sells);
    const store = createPartnerStore(app);
    const id = await store.add({ e164: berlin, name: 'Notary' }, 1, app.clock.now());
    assert.equal(await store.add({ e164: berlin, name: 'Twice' }, 1, app.clock.now()), null);
    assert.deepEqual(await ask('transfer'), ['OK', 'service_call', id]);
    for (const path of ['manual', 'predictive', 'api'] as const) assert.equal((await ask(path))[0], 'CONSENT_MISSING', path); // prettier-ignore
    // What binds every call binds this one too.
    const entry = { e164: berlin, campaignId: null, reason: 'asked', source: 'page' as const, by: 1, at: app.clock.now() }; // prettier-ignore
    await createDncStore(app).add(entry);
    assert.equal((await ask('transfer'))[0], 'DNC_INTERNAL');
    await createDncStore(app).remove(entry);
    // Fault: a customer has the number as well.
    await addLeads(app, campaignId, [{ phones: [berlin] }]);
    assert.deepEqual(await ask('transfer'), sells);
    await store.remove(id!);
  });

  it('takes as many customers as are handed on to it', async () => {
    const app = theApp();
    const paris = '+33199000162';
    const at = app.clock.now();
    const gate = createGate(app);
    const sells = await makeCampaign(app);
    const collects = await makeCampaign(app, { ruleSet: 'us.regf' });
    const ask = async (campaignId: number, path: GatePath = 'transfer') =>
      (await gate.mayCall({ e164: paris, stage: 'dial', path, campaignId })).reasonCode;
    await app.db.insertMany(
      'calls',
      Array.from({ length: 8 }, (_, days) => ({
        ...{ id: `handed${days}`, direction: 'out', path: 'transfer', e164: paris, state: 'ended' },
        ...{ created_at: at - days * 3_600_000, dialed_at: at - days * 3_600_000 },
        ...{ answered_at: at - days * 3_600_000, connected_at: at - days * 3_600_000, outcome: 'answered' },
      })),
    );
    assert.match(await ask(collects), /^(FREQ_CAP_7IN7|CONVERSATION_COOLDOWN_7D)$/);
    await createPartnerStore(app).add({ e164: paris, name: 'Solicitor' }, 1, at);
    assert.equal(await ask(sells), 'OK');
    assert.equal(await ask(collects), 'OK');
    assert.match(await ask(collects, 'manual'), /^(FREQ_CAP_7IN7|CONVERSATION_COOLDOWN_7D)$/);
  });
});

onCompliancePages('the page of partners', (house) => {
  const url = '/compliance/partners';
  it('takes numbers of nobody who is a customer, from a supervisor, and keeps who did it', async () => {
    const supervisor = await house.t.signedIn('supervisor', 'partner-keeper');
    const form = { number: berlin, country: 'DE', name: 'Notary Weber' };
    const ofCustomer = await supervisor.post(url, { ...form, number: house.e164, country: 'US' });
    assert.equal(ofCustomer.status, 422);
    shows(ofCustomer.text, /number of a customer/);
    assert.equal((await supervisor.post(url, { ...form, name: ' ' })).status, 422);
    assert.equal((await supervisor.post(url, form)).status, 303);
    assert.equal((await supervisor.post(url, form)).status, 422, 'there already');
    shows((await supervisor.get(url)).text, /Notary Weber/);
    assert.ok(await house.audited('partner.added'));
    const marketing = await house.t.signedIn('marketing', 'partner-looker');
    hides((await marketing.get(url)).text, /method="post" action="\/compliance\/partners"/);
    assert.equal((await marketing.post(url, form)).status, 403);
    assert.equal((await marketing.post(`${url}/1/remove`, {})).status, 403);
    const agent = await house.t.signedIn('agent', 'partner-agent');
    assert.equal((await agent.get(url)).status, 403);
    assert.equal((await supervisor.post(`${url}/1/remove`, {})).status, 303);
    assert.ok(await house.audited('partner.removed'));
    shows((await supervisor.get('/compliance')).text, /href="\/compliance\/partners"/);
  });
});
