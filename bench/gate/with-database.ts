/**
 * The gate with its facts and its evidence, as the dialer asks it, on SQLite in a temporary folder: one lead in the
 * moment of dialling, and a hopper's batch. Held against the least that must happen: one stored row.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCampaign } from '../../campaigns/campaigns/defaults.ts';
import { createCampaignStore } from '../../campaigns/campaigns/index.ts';
import { createGate, type GateRequest } from '../../campaigns/compliance/index.ts';
import { createDncStore } from '../../campaigns/dnc/index.ts';
import { ManualClock } from '../../core/clock/manual-clock.ts';
import { loadConfig } from '../../core/config/config.ts';
import { createApp } from '../../core/create-app.ts';
import { createLog } from '../../core/log/log.ts';

const listed = 200_000;
const single = 2_000;
const batch = 200;
const batches = 25;

export async function withDatabase(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringwise-bench-'));
  const app = await createApp(loadConfig({ DATA_DIR: folder }), {
    clock: new ManualClock(),
    log: createLog('silent'),
  });
  try {
    const now = app.clock.now();
    const number = (n: number) => `+1212${String(2_000_000 + n).padStart(7, '0')}`;
    const campaignId = await createCampaignStore(app).create(
      { ...defaultCampaign, name: 'bench', trunkIds: [], agentIds: [], dispositionIds: [] },
      { userId: null, now },
    );
    const dnc = createDncStore(app);
    await app.db.insertMany(
      'dnc_numbers',
      Array.from({ length: listed }, (_, n) => ({
        e164: number(n * 3),
        campaign_id: 0,
        reason: 'bench',
        source: 'import',
        added_at: now,
      })),
    );
    const gate = createGate(app);
    const request = (n: number): GateRequest => ({
      e164: number(n),
      stage: 'dial',
      path: 'progressive',
      campaignId,
      callId: `call-${n}`,
    });

    const times: number[] = [];
    for (let n = 0; n < single; n += 1) {
      const start = performance.now();
      await gate.mayCall(request(n));
      times.push(performance.now() - start);
    }
    const manyStart = performance.now();
    for (let n = 0; n < batches; n += 1)
      await gate.mayCallMany(Array.from({ length: batch }, (_, k) => request(n * batch + k)));
    const perLead = (performance.now() - manyStart) / batches / batch;

    const lookupStart = performance.now();
    for (let n = 0; n < single; n += 1) await dnc.contains(number(n), campaignId, now);
    const lookup = (performance.now() - lookupStart) / single;

    const rowStart = performance.now();
    for (let n = 0; n < single; n += 1)
      await app.db.knex('gate_verdicts').insert({
        at: now,
        e164: number(n),
        stage: 'dial',
        path: 'api',
        decision: 'allow',
        reason_code: 'OK',
        rule_version: '',
        facts: '{}',
      });
    const row = (performance.now() - rowStart) / single;

    times.sort((a, b) => a - b);
    const at = (share: number) => (times[Math.floor(share * times.length)] as number).toFixed(2);
    console.log(`gate with its database, SQLite, ${listed.toLocaleString('en')} numbers on the DNC list`);
    console.log(`one lead, facts and evidence      p50 ${at(0.5)} ms   p99 ${at(0.99)} ms`);
    console.log(`batch of ${batch}                      ${perLead.toFixed(3)} ms a lead`);
    console.log(`DNC list alone                    ${lookup.toFixed(3)} ms a number`);
    console.log(`limit: storing one bare row       ${row.toFixed(3)} ms`);
  } finally {
    await app.close(0);
    rmSync(folder, { recursive: true, force: true });
  }
}
