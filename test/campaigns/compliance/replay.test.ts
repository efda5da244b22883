import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { replay, ReplayFileError } from '../../../campaigns/compliance/index.ts';

interface Expected {
  id: string;
  expected: string;
  reason_code: string;
  next_allowed_utc: string | null;
  zones: string[];
}

const text = readFileSync(new URL('./vectors.json', import.meta.url), 'utf8');
const file = JSON.parse(text) as { rule_sets: Record<string, unknown>; vectors: (Expected & object)[] };

function replayOne(change: object): ReturnType<typeof replay> extends Generator<infer Line> ? Line : never {
  const [line] = [...replay(JSON.stringify({ ...file, vectors: [{ ...file.vectors[0], ...change }] }))];
  assert.ok(line);
  return line;
}

describe('replay of vectors', () => {
  const lines = [...replay(text)];

  for (const [index, vector] of file.vectors.entries())
    it(`${vector.id}: ${vector.expected}, ${vector.reason_code}`, () => {
      const line = lines[index];
      assert.ok(line?.ok);
      assert.deepEqual(line.result, {
        id: vector.id,
        decision: vector.expected,
        reason_code: vector.reason_code,
        next_allowed_utc: vector.next_allowed_utc,
        zones: vector.zones,
      });
    });

  it('does not look at what a vector expects', () => {
    const line = replayOne({ expected: 'allow', zones: ['Asia/Tokyo'], next_allowed_utc: null });
    assert.ok(line.ok);
    assert.equal(line.result.decision, 'block');
    assert.deepEqual(line.result.zones, ['America/New_York']);
  });

  /** What comes of a change to a call that is allowed at noon, with what is said of it. */
  const noon = (change: object, sets?: Record<string, unknown>) => {
    const vector = { ...file.vectors[0], instant_utc: '2026-11-23T17:00:00Z', ...change };
    const rule_sets = { ...file.rule_sets, ...sets };
    const [line] = [...replay(JSON.stringify({ rule_sets, vectors: [vector] }))];
    assert.ok(line?.ok, JSON.stringify(line));
    return [line.result.reason_code, line.warnings.length > 0 ? 'warned' : 'silent'];
  };
  const federal = file.rule_sets['us.fed_tm'] as object;

  it('decides in spite of what is harmless', () => {
    assert.deepEqual(noon({}), ['OK', 'silent']);
    for (const change of [
      { context: null },
      { context: { rnd: null, abandon_30d: null, attempts: null, dnc_internal: null, consent: null } },
      { instant_utc: '2026-11-23T17:00Z' },
      { instant_utc: '2026-11-23T12:00:00-0500' },
      { note: 'by hand' },
    ])
      assert.deepEqual(noon(change), ['OK', 'silent'], JSON.stringify(change));
    assert.deepEqual(noon({ context: { moon: 'full' } }), ['OK', 'warned']);
    const { source: _, confidence: __, ...bare } = federal as Record<string, unknown>;
    for (const form of [
      { ...federal, note: 'checked in May' },
      bare,
      { ...federal, holidays: null },
      { ...federal, freq: [{ type: 'calendar_day', max: 3, key: 'person' }] },
    ])
      assert.deepEqual(noon({}, { 'us.fed_tm': form }), ['OK', 'warned'], JSON.stringify(form));
  });

  it('keeps an id as it is written', () => {
    const line = replayOne({ id: 7 });
    assert.ok(line.ok);
    assert.equal(line.result.id, 7);
    assert.deepEqual(replayOne({ id: null }), { ok: false, error: 'vector number 1: id is missing' });
  });

  const machine = { campaign_kind: 'predictive_telemarketing' };
  for (const [reason, change] of [
    ['NUMBER_INVALID', { number_e164: 12125550101 }],
    ['NUMBER_INVALID', { number_e164: '12125550101' }],
    ['DNC_INTERNAL', { context: { dnc_internal: 'yes' } }],
    ['DNC_NATIONAL', { context: { dnc_national: 1 } }],
    ['DNC_SCRUB_STALE', { context: { dnc_scrubbed_on: '01/11/2026' } }],
    ['CONSENT_REVOKED', { context: { consent: 'withdrawn' } }],
    ['CONSENT_MISSING', { context: { consent: 7 } }],
    ['CONSENT_MISSING', { context: { requires_consent: 'yes' } }],
    ['CONSENT_MISSING', { context: { requires_consent: true, consent: 'nodded' } }],
    ['NUMBER_REASSIGNED', { context: { rnd: true } }],
    ['EMERGENCY_SUPPRESSION', { context: { emergency_active: 'maybe' } }],
    ['ABANDON_RATE_EXCEEDED', { ...machine, context: { abandon_30d: '3 of 100' } }],
    ['ABANDON_RATE_EXCEEDED', { campaign_kind: 'robot_sales', context: { abandon_30d: [9, 100] } }],
    ['DESTINATION_NOT_PERMITTED', { context: { carrier_blocked_region: 'no' } }],
    ['ZONE_UNRESOLVED', { address_region: { state: 'NY' } }],
    ['FREQ_CAP_ROLLING', { rule_set: 'us.fl', context: { attempts: 12 } }],
    ['FREQ_CAP_ROLLING', { rule_set: 'us.fl', context: { attempts: ['?', '?', '?'] } }],
    ['CONVERSATION_COOLDOWN_7D', { rule_set: 'us.regf', campaign_kind: 'debt_collection', context: { conversation_at: 'today' } }], // prettier-ignore
    ['FACTS_UNAVAILABLE', { instant_utc: '2026-11-23 13:00' }],
    ['FACTS_UNAVAILABLE', { context: 'none' }],
    ['FACTS_UNAVAILABLE', { rule_set: 'us.fed_tm+us.zz' }],
    ['DNC_INTERNAL', { rule_set: 'us.zz', context: { dnc_internal: true } }],
  ] as const)
    it(`fault: ${JSON.stringify(change)} – blocked, ${reason}`, () => {
      const [code] = noon(change);
      assert.equal(code, reason);
    });

  it('fault: no plus before a number – no zone of the country whose code its digits begin with', () => {
    const line = replayOne({ number_e164: '12125550101', address_region: null });
    assert.ok(line.ok);
    assert.deepEqual([line.result.reason_code, line.result.zones], ['NUMBER_INVALID', []]);
  });

  it('fault: a rule set cannot be read – nobody is called by it, and it is said why', () => {
    const broken = { ...federal, windows: { mon: [['21:00', '08:00']] } };
    const [line] = [...replay(JSON.stringify({ rule_sets: { 'us.fed_tm': broken }, vectors: file.vectors }))];
    assert.ok(line?.ok);
    assert.deepEqual([line.result.decision, line.result.reason_code], ['block', 'FACTS_UNAVAILABLE']);
    assert.match(
      line.warnings.join(),
      /"us\.fed_tm" cannot be used: windows\.mon\.0 must end after its start/,
    );
  });

  it('names the instant at which rules of time and frequency pass, though a comparison is too old by then', () => {
    const evening = { instant_utc: '2026-11-24T02:00:00Z', context: { dnc_scrubbed_on: '2026-10-23' } };
    const line = replayOne(evening);
    assert.ok(line.ok);
    assert.deepEqual(
      [line.result.reason_code, line.result.next_allowed_utc],
      ['TIME_AFTER_CLOSE', '2026-11-24T13:00:00Z'],
    );
  });

  it('says what is wrong with a file that holds no vectors', () => {
    assert.throws(() => [...replay('{"vectors": 1}')], ReplayFileError);
    assert.throws(() => [...replay('not json')], /is not JSON/);
  });
});
