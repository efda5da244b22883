/**
 * Decisions of the gate a second on one core, without the database: zones of number and address, rule sets of the
 * place and of a campaign, evaluation with the next instant. Held against the least any gate has to do: one look at
 * the offset of one zone and one comparison with one window.
 */
import {
  compileRuleSet,
  evaluate,
  loadCatalogue,
  plausibleZones,
  rulesOfZones,
  type Facts,
} from '../../campaigns/compliance/index.ts';
import { zoneRules, type ZoneRules } from '../../core/time/zone-rules.ts';
import { uniform } from '../../dialer/pacing/simulation/random.ts';

const hourMs = 3_600_000;
const customers = 100_000;
const rounds = 10;
const target = 200_000;

interface Subject {
  e164: string;
  region: string | null;
  facts: Facts;
  at: number;
}

const heads: readonly [head: string, digits: number, region: string | null][] = [
  ['+1212', 7, 'US-NY-10001'],
  ['+1305', 7, 'US-FL-33130'],
  ['+1208', 7, null],
  ['+1850', 7, 'US-FL'],
  ['+1416', 7, 'CA-ON'],
  ['+4420', 8, 'GB'],
  ['+336', 8, 'FR'],
  ['+614', 8, 'AU-QLD'],
  ['+8613', 9, 'CN-31'],
  ['+8862', 8, 'TW'],
];
export function decisions(): void {
  const opening = Date.UTC(2026, 10, 23);
  const catalogue = loadCatalogue();
  const campaign = compileRuleSet('campaign.1', {
    windows: Object.fromEntries(
      ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'].map((day) => [day, [['09:00', '20:00']]]),
    ),
    source: 'bench',
    confidence: 'policy',
  });

  const subjects = Array.from({ length: customers }, (_, n): Subject => {
    const random = (stream: number) => uniform(7, stream, n);
    const [head, digits, region] = heads[Math.floor(random(1) * heads.length)] as (typeof heads)[number];
    const tail = Math.floor(random(2) * 10 ** digits);
    const at = opening + Math.floor(random(3) * 24 * hourMs);
    const attempts = Array.from(
      { length: Math.floor(random(4) * 4) },
      (_value, k) => at - (k + 1) * 9 * hourMs,
    );
    return {
      e164: head + String(tail).padStart(digits, '0'),
      region,
      at,
      facts: { kind: 'predictive_telemarketing', numberValid: true, consent: 'opt_in', attempts },
    };
  });

  function measure(work: (subject: Subject) => boolean): { perSecond: number; allowed: number } {
    let allowed = 0;
    for (const subject of subjects) if (work(subject)) allowed += 1;
    allowed = 0;
    const start = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1)
      for (const subject of subjects) if (work(subject)) allowed += 1;
    // Time of the core, not of the wall: what else runs on the machine does not count.
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    return { perSecond: (rounds * customers) / seconds, allowed: allowed / rounds / customers };
  }

  const ready = new Map(
    subjects.map((subject) => {
      const zones = rulesOfZones(plausibleZones(subject.e164, subject.region));
      return [subject, { zones, rules: [...catalogue.choose(subject.e164, subject.region, true), campaign] }];
    }),
  );
  const local = zoneRules('America/New_York') as ZoneRules;

  const whole = measure(({ e164, region, facts, at }) => {
    const zones = rulesOfZones(plausibleZones(e164, region));
    const rules = [...catalogue.choose(e164, region, true), campaign];
    return evaluate(rules, zones, facts, at).decision === 'allow';
  });
  const evaluation = measure((subject) => {
    const { zones, rules } = ready.get(subject) as { zones: ZoneRules[]; rules: (typeof campaign)[] };
    return evaluate(rules, zones, subject.facts, subject.at).decision === 'allow';
  });
  const limit = measure(({ at }) => {
    const time = (at + local.offsetAt(at)) % (24 * hourMs);
    return time >= 8 * hourMs && time < 21 * hourMs;
  });

  const line = (name: string, { perSecond, allowed }: typeof whole) =>
    console.log(
      `${name.padEnd(34)} ${Math.round(perSecond).toLocaleString('en').padStart(12)} /s   allowed ${(allowed * 100).toFixed(1)} %`,
    );
  console.log(
    `gate decisions, one core, ${customers.toLocaleString('en')} customers in ${heads.length} places, ${rounds} rounds`,
  );
  line('whole decision', whole);
  line('  of it rules alone', evaluation);
  line('limit: one zone, one window', limit);
  console.log(`target ${target.toLocaleString('en')} /s: ${whole.perSecond >= target ? 'met' : 'NOT MET'}`);
  if (whole.perSecond < target) process.exitCode = 1;
}
