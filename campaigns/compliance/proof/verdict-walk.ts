import type { App } from '../../../core/app.ts';
import { iso, type ProofPeriod } from './rule-texts.ts';

const atOnce = 2_000;

/**
 * The verdicts of a campaign and a period, read once and a little at a time: embedded, calls wait while one statement
 * runs. What they add up to is there when `rows` is through.
 */
export function walkVerdicts(app: Pick<App, 'db'>, campaignId: number, { from, until }: ProofPeriod) {
  const versions = new Set<string>();
  const counts = new Map<string, number>();

  async function* rows() {
    for (let after = { at: from, id: 0 }; ;) {
      const some: Record<string, string | number | null>[] = await app.db
        .knex('gate_verdicts')
        .where({ campaign_id: campaignId })
        // Said again on its own: it is where the index is entered.
        .where('at', '>=', after.at)
        .where('at', '<', until)
        .where((later) =>
          later
            .where('at', '>', after.at)
            .orWhere((same) => same.where({ at: after.at }).where('id', '>', after.id)),
        )
        .orderBy(['at', 'id'])
        .limit(atOnce);
      for (const row of some) {
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
      const last = some.at(-1);
      if (!last || some.length < atOnce) return;
      after = { at: Number(last.at), id: Number(last.id) };
      await breath();
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

/** Whatever else waits to be done is done first. */
export const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
