import type { App } from '../../../core/app.ts';
import { byTime } from './by-time.ts';
import { iso, type ProofPeriod } from './rule-texts.ts';

/**
 * The verdicts of a campaign and a period, read once. What they add up to is there when `rows` is through.
 */
export function walkVerdicts(app: Pick<App, 'db'>, campaignId: number, period: ProofPeriod) {
  const versions = new Set<string>();
  const counts = new Map<string, number>();

  async function* rows() {
    const verdicts = () => app.db.knex('gate_verdicts').where({ campaign_id: campaignId });
    for await (const row of byTime(verdicts, period)) {
      versions.add(String(row.rule_version));
      const kind = [row.stage!, row.path!, row.decision!, row.reason_code!];
      const key = JSON.stringify(kind);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      yield [
        ...[row.id!, iso(Number(row.at)), ...kind, row.rule_version!, row.e164!],
        ...[row.lead_id ?? null, row.customer_id ?? null, row.call_id ?? null],
        ...[row.next_allowed_at ? iso(Number(row.next_allowed_at)) : null, row.facts!],
      ];
    }
  }

  /** Rule versions that the verdicts name: `us.fed_tm@…`. */
  const used = (): string[] => [...new Set([...versions].flatMap((version) => version.split('+')))].filter(Boolean); // prettier-ignore

  /** How many there were of each stage, path, decision and reason. */
  const counted = (): (string | number)[][] =>
    [...counts]
      .map(([key, count]) => [...(JSON.parse(key) as string[]), count])
      .sort((a, b) => (a.join() < b.join() ? -1 : 1));

  return { rows, used, counted };
}
