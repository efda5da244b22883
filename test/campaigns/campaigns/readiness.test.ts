import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { defaultCampaign, defaultHours, type Campaign } from '../../../campaigns/campaigns/index.ts';
import { groupHours } from '../../../campaigns/campaigns/hours.ts';
import { blocksStart, whatIsMissing, type CampaignFacts } from '../../../campaigns/campaigns/readiness.ts';
import { zoneForNew } from '../../../campaigns/campaigns/zone-for-new.ts';

const campaign: Campaign = {
  ...defaultCampaign,
  name: 'Complete',
  callerId: '+12125550100',
  script: { en: 'Hello' },
  identification: { words: { en: 'This was us.' }, optOutDigit: '9' },
  id: 1,
  state: 'draft',
  quotasMet: [],
  amdSince: null,
  amdOffAt: null,
  revision: 0,
  createdBy: null,
  createdAt: 0,
  updatedAt: 0,
  startedAt: null,
  archivedAt: null,
};
const facts: CampaignFacts = {
  lists: [{ size: 10, built: true }],
  leadsLeft: 10,
  agents: 2,
  agentsRungPerCall: 0,
  trunks: [{ enabled: true, callerId: null }],
  dispositions: ['sale', 'callback', 'dnc'],
  poolNumbers: null,
  lawfulCap: 0.05,
  registers: { without: [], old: [] },
};
const closed = { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] };

describe('what a campaign lacks', () => {
  it('nothing, when everything is there', () => assert.deepEqual(whatIsMissing(campaign, facts), []));

  const cases: [string, Partial<Campaign>, Partial<CampaignFacts>, boolean][] = [
    ['no-list', {}, { lists: [] }, true],
    ['lists-empty', {}, { lists: [{ size: 0, built: true }], leadsLeft: 0 }, true],
    ['leads-being-made', {}, { lists: [{ size: 5, built: false }], leadsLeft: 0 }, false],
    ['no-lead-left', {}, { leadsLeft: 0 }, true],
    ['no-agents', {}, { agents: 0 }, true],
    ['no-trunk', {}, { trunks: [] }, true],
    ['trunks-disabled', {}, { trunks: [{ enabled: false, callerId: '1' }] }, true],
    ['no-caller-id', { callerId: null }, {}, true],
    ['never-open', { hours: closed }, {}, true],
    ['no-dispositions', {}, { dispositions: [] }, true],
    ['no-dnc-disposition', {}, { dispositions: ['sale', 'callback'] }, false],
    ['no-identification', { identification: { words: {}, optOutDigit: '9' } }, {}, true],
    [
      'no-identification',
      { mode: 'progressive', identification: { words: {}, optOutDigit: '9' } },
      {},
      false,
    ],
    ['no-opt-out', { identification: { words: { en: 'x' }, optOutDigit: null } }, {}, false],
    ['no-script', { script: {} }, {}, false],
    ['cap-above-three-percent', { abandonCap: 0.05 }, {}, false],
    ['cap-above-law', { abandonCap: 0.05 }, { lawfulCap: 0.03 }, false],
    ['no-national-list', {}, { registers: { without: ['US'], old: [] } }, false],
    ['national-list-old', {}, { registers: { without: [], old: ['GB'] } }, false],
    ['phones-ring-per-call', {}, { agentsRungPerCall: 1 }, false],
    ['phones-ring-per-call', { mode: 'progressive' }, { agentsRungPerCall: 2 }, false],
  ];
  for (const [code, changes, lacking, blocks] of cases)
    it(`${code} ${blocks ? 'stops it' : 'is worth a look'} (${changes.mode ?? 'predictive'})`, () => {
      const missing = whatIsMissing({ ...campaign, ...changes }, { ...facts, ...lacking });
      assert.deepEqual(
        missing.map((item) => item.code),
        [code],
      );
      assert.equal(blocksStart(missing), blocks);
    });
});

describe('a preview campaign', () => {
  it('needs no words for abandoned calls, as it cannot abandon', () => {
    const preview = { ...campaign, mode: 'preview' as const };
    const without = { ...preview, identification: { words: {}, optOutDigit: null } };
    const words = { ...preview, identification: { words: { en: 'x' }, optOutDigit: null } };
    for (const one of [without, words]) assert.deepEqual(whatIsMissing(one, facts), []);
  });

  it('may ring desk phones, as the agent is on the line before the customer', () =>
    assert.deepEqual(
      whatIsMissing({ ...campaign, mode: 'preview' }, { ...facts, agentsRungPerCall: 2 }),
      [],
    ));
});

describe('the zone of a new campaign', () => {
  it('is the reader’s; of a server on UTC, that of a country with one zone', () => {
    assert.equal(zoneForNew({ zone: 'America/Chicago' }, 'CN'), 'America/Chicago');
    assert.equal(zoneForNew({ zone: 'UTC' }, 'CN'), 'Asia/Shanghai');
    assert.equal(zoneForNew({ zone: 'Europe/Berlin', zoneGuessed: true }, 'TW'), 'Asia/Taipei');
    assert.equal(zoneForNew({ zone: 'UTC' }, 'US'), 'UTC');
  });
});

describe('calling hours', () => {
  it('neighbouring days with the same hours are said together', () => {
    assert.deepEqual(
      groupHours(defaultHours).map(({ days, windows }) => [days.join(' '), windows.length]),
      [
        ['mon tue wed thu fri', 1],
        ['sat', 1],
      ],
    );
    const split = { ...defaultHours, wed: [] };
    assert.deepEqual(groupHours(split).map(({ days }) => days.join(' ')), ['mon tue', 'thu fri', 'sat']); // prettier-ignore
  });
});
