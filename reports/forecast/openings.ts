import type { App } from '../../core/app.ts';
import { zoneRules } from '../../core/time/zone-rules.ts';
import { createGate, type GatePath, type GateRequest } from '../../campaigns/compliance/index.ts';
import { createGateFacts } from '../../campaigns/compliance/compliance-store.ts';
import { createRuleBook } from '../../campaigns/compliance/rulebook/rule-book.ts';
import type { SampledLead } from './make-up.ts';
import type { Sample } from './sample-store.ts';

export const slotSeconds = 1_800;

export interface Opened {
  leads: SampledLead[];
  /** Of the sample, those that may not be called, and no passing of time changes that. */
  blocked: number;
}

export interface OpeningsQuestion {
  campaignId: number | null;
  path: GatePath;
  /** Epoch ms. */
  start: number;
  seconds: number;
}

/**
 * Asks the gate about each lead of a sample for every half-hour of the day that is to be played. Facts are read once, nothing
 * is stored, and the campaign's abandonment of now is left out: it says nothing about then.
 */
export async function openingsOf(
  app: Pick<App, 'db' | 'bus' | 'clock' | 'log'>,
  sample: Sample,
  question: OpeningsQuestion,
): Promise<Opened> {
  const requests = sample.rows.map((row): GateRequest => ({
    e164: row.e164,
    stage: 'reserve',
    path: question.path,
    campaignId: question.campaignId,
    leadId: row.leadId,
    customerId: row.customerId,
  }));
  if (requests.length === 0) return { leads: [], blocked: 0 };
  const asked = app.clock.now();
  const look = await createRuleBook(app).at(asked);
  const known = (await createGateFacts(app).of(requests, asked, look)).map(
    (facts) =>
      facts && {
        ...{ ...facts, abandonment: null, lawAbandonments: null },
        lead: facts.lead && { ...facts.lead, dialing: false },
      },
  );
  let now = question.start;
  const gate = createGate(
    { ...app, clock: { ...app.clock, now: () => now } },
    { facts: { of: async () => known }, verdicts: { save: async () => {} } },
  );
  const slots = Math.ceil(question.seconds / slotSeconds);
  const open: boolean[][] = requests.map(() => []);
  const hopeless = requests.map(() => true);
  let zones: readonly string[] = [];
  for (let slot = 0; slot < slots; slot++) {
    now = question.start + slot * slotSeconds * 1000;
    const verdicts = await gate.mayCallMany(requests);
    if (slot === 0) zones = verdicts.map((verdict) => verdict.zones[0] ?? '');
    verdicts.forEach((verdict, index) => {
      open[index]!.push(verdict.allowed);
      if (verdict.outlook !== 'never') hopeless[index] = false;
    });
    // Each round is some milliseconds of work; others are let in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const leads = sample.rows.flatMap((row, index): SampledLead[] => {
    if (hopeless[index]) return [];
    const zone = zones[index]!;
    const local = question.start + (zoneRules(zone)?.offsetAt(question.start) ?? 0);
    return [
      {
        zone,
        localMinutes: Math.floor((((local % 86_400_000) + 86_400_000) % 86_400_000) / 60_000),
        attempts: row.attempts,
        dueIn: row.state === 'new' ? 0 : (row.nextAt - question.start) / 1000,
        open: open[index]!,
      },
    ];
  });
  return { leads, blocked: hopeless.filter(Boolean).length };
}
