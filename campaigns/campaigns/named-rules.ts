import type { App } from '../../core/app.ts';

/** One choice of rules for a campaign, as the audit has it. */
export interface RuleChoice {
  readonly at: number;
  readonly action: string;
  /** Null: the product itself. */
  readonly by: string | null;
  /** Null: by the place of number and address. */
  readonly before: string | null;
  readonly after: string | null;
  readonly reason: string;
  /** What the second person has said. */
  readonly note: string;
}

/** The rules that a campaign names instead of the law of each place, and on whose word. */
export interface NamedRules {
  readonly ruleSet: string;
  /** Since when it is called by them; null: before the audit began. */
  readonly since: number | null;
  readonly chosenBy: string | null;
  readonly approvedBy: string | null;
  readonly reason: string;
}

const proposed = 'campaign.rules-proposed';
const approved = 'campaign.rules-approved';
const refused = 'campaign.rules-refused';
const chosen = 'campaign.rules-chosen';
const actions = ['campaign.created', 'campaign.changed', chosen, proposed, approved, refused];

interface Row {
  at: number | string;
  action: string;
  name: string | null;
  before: string | null;
  after: string | null;
}
interface Said {
  readonly ruleSet?: string | null;
  readonly reason?: string;
  readonly note?: string;
}

/** Reads from the audit what rules somebody has chosen for a campaign. */
export function createNamedRules({ db }: Pick<App, 'db'>) {
  /** Every choice until an instant, the oldest first. */
  async function choices(campaignId: number, until = Infinity): Promise<RuleChoice[]> {
    const rows: Row[] = await db
      .knex('audit_log as a')
      .leftJoin('users as u', 'u.id', 'a.user_id')
      .where({ 'a.entity': 'campaigns', 'a.entity_id': String(campaignId) })
      .whereIn('a.action', actions)
      .modify((query) => void (until < Infinity && query.where('a.at', '<', until)))
      .orderBy('a.id')
      .select({ at: 'a.at', action: 'a.action', name: 'u.name', before: 'a.before', after: 'a.after' });
    return rows.flatMap(({ at, action, name, before, after }) => {
      const [was, is] = [said(before), said(after)];
      // Most changes of a campaign are of other things; one made by the law has chosen nothing.
      if (is.ruleSet === undefined || (action === 'campaign.created' && is.ruleSet === null)) return [];
      return [
        {
          ...{ at: Number(at), action, by: name },
          ...{ before: was.ruleSet ?? null, after: is.ruleSet },
          ...{ reason: is.reason ?? '', note: is.note ?? '' },
        },
      ];
    });
  }

  async function of(campaign: {
    readonly id: number;
    readonly ruleSet: string | null;
  }): Promise<NamedRules | null> {
    const { id, ruleSet } = campaign;
    if (ruleSet === null) return null;
    const all = await choices(id);
    const lastOf = (...of: string[]) =>
      all.map(({ action, after }) => after === ruleSet && of.includes(action)).lastIndexOf(true);
    const took = lastOf(approved, chosen);
    const set = lastOf(...actions.filter((action) => action !== proposed && action !== refused));
    const last = all[took] ?? all[set];
    const isApproved = last?.action === approved;
    const asked = isApproved ? all.slice(0, took).reverse().find(({ action, after }) => action === proposed && after === ruleSet) : last; // prettier-ignore
    return {
      ...{ ruleSet, since: last?.at ?? null, reason: last?.reason ?? '' },
      chosenBy: asked?.by ?? null,
      approvedBy: isApproved ? last.by : null,
    };
  }

  return { choices, of };
}

function said(json: string | null): Said {
  return json === null ? {} : (JSON.parse(json) as Said);
}
