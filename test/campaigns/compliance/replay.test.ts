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

  it('names the vector and the field that is wrong', () => {
    const line = replayOne({ instant_utc: '2026-11-23 13:00' });
    assert.ok(!line.ok);
    assert.match(line.error, /^vector US-001: instant_utc must be an instant/);
  });

  it('refuses a vector whose rule set is not in the file', () => {
    const line = replayOne({ rule_set: 'us.fed_tm+us.zz' });
    assert.deepEqual(line, { ok: false, error: 'vector US-001: rule set "us.zz" is not in the file' });
  });

  it('refuses a rule set it cannot read, and says why', () => {
    const broken = { windows: { mon: [['21:00', '08:00']] }, source: 'test', confidence: 'test' };
    const [line] = [...replay(JSON.stringify({ rule_sets: { 'us.fed_tm': broken }, vectors: file.vectors }))];
    assert.ok(line && !line.ok);
    assert.match(
      line.error,
      /rule set "us\.fed_tm" cannot be used: windows\.mon\.0 must end after its start/,
    );
  });

  it('warns of facts it does not know', () => {
    const line = replayOne({ context: { moon: 'full' } });
    assert.ok(line.ok);
    assert.deepEqual(line.warnings, ['vector US-001: context "moon" is unknown and was not considered']);
  });

  it('says what is wrong with a file that holds no vectors', () => {
    assert.throws(() => [...replay('{"vectors": 1}')], ReplayFileError);
    assert.throws(() => [...replay('not json')], /is not JSON/);
  });
});
