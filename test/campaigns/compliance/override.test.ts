import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createGate, type GateRequest } from '../../../campaigns/compliance/index.ts';
import type { KnownFacts } from '../../../campaigns/compliance/gate-facts.ts';
import { testApp, type TestApp } from '../../support/app.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe('an override', () => {
  let app: TestApp;
  // Monday 2026-11-23, 15:00 UTC.
  before(async () => {
    app = await testApp();
  });
  after(() => app.close());
  const now = () => app.clock.now();

  const ask = async (path: GateRequest['path'], e164: string, facts: Partial<KnownFacts>) => {
    const override = {
      ...{ id: 1, e164, campaignId: null, reason: 'asked for it', reasonCode: 'FREQ_CAP_30D' as const },
      ...{ grantedBy: 7, grantedAt: now(), expiresAt: now() + dayMs, usedAt: null, callId: null },
      ...{ usedReasonCode: null, withdrawnAt: null, withdrawnBy: null },
    };
    const known: KnownFacts = {
      ...{
        campaign: null,
        customerId: null,
        addressRegion: null,
        consents: ['opt_in'],
        lead: null,
        dnc: null,
      },
      ledger: nothing,
      scrub: { listed: false, scrubbedOn: '2026-11-22', uncovered: false, reassignedOn: null },
      ...{ suspensions: [], customerSince: null, attempts: [], numberAttempts: [], abandonment: null },
      ...{ override, ...facts },
    };
    const gate = createGate(app, { dry: true, facts: { of: async () => [known] } });
    return gate.mayCall({ e164, stage: 'dial', path, campaignId: null });
  };
  const daysAgo = (...days: number[]) => days.map((day) => now() - day * dayMs);

  it('reaches beyond counts', async () => {
    const attempts = daysAgo(2, 3, 4, 5);
    const verdict = await ask('manual', '+33612345678', { attempts });
    assert.deepEqual([verdict.allowed, verdict.facts.override], [true, { id: 1, by: 7, instead: 'FREQ_CAP_30D' }]); // prettier-ignore
  });

  it('fault: a count hides the refusal of the last weeks – it stands, and is named', async () => {
    const facts = { attempts: daysAgo(2, 3, 4, 5), refusedAt: now() - 10 * dayMs };
    const verdict = await ask('manual', '+33612345678', facts);
    assert.deepEqual([verdict.allowed, verdict.reasonCode], [false, 'FREQ_CAP_30D']);
    assert.deepEqual(verdict.facts.grounds, ['FREQ_CAP_30D', 'REFUSAL_COOLDOWN_60D']);
  });

  it('fault: the campaign’s attempts hide seven in seven days and the talk – both stand', async () => {
    const campaign = {
      id: 1,
      mode: 'progressive' as const,
      ruleSet: 'us.regf',
      maxAttempts: 3,
      abandonCap: 0.03,
      abandonWindowMs: 30 * dayMs,
    };
    const facts = {
      campaign: { ...campaign, hours: hoursOfAnyDay },
      lead: { attempts: 3, dialing: false },
      attempts: daysAgo(1, 1, 2, 2, 3, 3, 4),
      conversationAt: now() - dayMs,
    };
    const verdict = await ask('preview', '+12125550143', facts);
    assert.deepEqual([verdict.allowed, verdict.reasonCode], [false, 'ATTEMPTS_EXHAUSTED']);
    assert.deepEqual(verdict.facts.grounds, [
      'ATTEMPTS_EXHAUSTED',
      'FREQ_CAP_7IN7',
      'CONVERSATION_COOLDOWN_7D',
    ]);
    const { attempts: _, conversationAt: __, ...alone } = facts;
    assert.equal((await ask('preview', '+12125550143', alone)).allowed, true);
  });

  it('fault: a relationship ends before the hours open – the list that stands then stands beyond them', async () => {
    const campaign = {
      id: 1,
      mode: 'progressive' as const,
      ruleSet: 'us.fed_tm',
      maxAttempts: 3,
      abandonCap: 0.03,
      abandonWindowMs: 30 * dayMs,
    };
    const open = { ...hoursOfAnyDay, mon: [['08:00', '09:00']] as [string, string][] };
    const boughtOn = (day: string) => ({
      consents: [],
      ledger: { ...nothing, transactionAt: Date.parse(day) },
      campaign: { ...campaign, hours: open },
      scrub: { listed: true, scrubbedOn: '2026-11-20', uncovered: false, reassignedOn: null },
    });
    assert.equal((await ask('manual', '+12125550143', boughtOn('2026-05-23'))).allowed, true);
    const verdict = await ask('manual', '+12125550143', boughtOn('2025-05-23T15:00Z'));
    assert.deepEqual([verdict.allowed, verdict.reasonCode], [false, 'TIME_AFTER_CLOSE']);
    assert.deepEqual(verdict.facts.grounds, ['TIME_AFTER_CLOSE', 'DNC_NATIONAL']);
  });
});

const day: [string, string][] = [['08:00', '21:00']];
const hoursOfAnyDay = { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day };
const nothing = {
  kinds: [],
  ids: [],
  givenAt: null,
  transactionAt: null,
  inquiryAt: null,
  everRevoked: false,
  changesAt: null,
  optInWritten: false,
};
