import { localTime } from '../../core/time/local-time.ts';
import { talkMsOf } from '../../dialer/calls/call.ts';
import { OwnFiguresStore } from '../../dialer/workspace/own-figures-store.ts';
import { DashboardStore } from '../../reports/dashboard/dashboard-store.ts';
import { same, type Books, type CallRow, type Check } from './books.ts';
import type { House } from './house.ts';

/** Figures of campaigns, days and agents, and the carriers' own, against the calls that they are sums of. */
export async function checkFigures(house: House, books: Books): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { campaignId } of house.shifts) checks.push(await ofCampaign(house, books, campaignId));
  const placed = books.callEvents.filter(({ event }) => event === 'dial' || event === 'redial').length;
  return [
    ...checks,
    await ofAgents(house, books),
    {
      name: 'the carriers have had the calls that stand in the books',
      of: placed,
      wrong: same('calls', house.simulator.stats().calls, placed),
    },
  ];
}

async function ofCampaign({ product, clock }: House, books: Books, campaignId: number): Promise<Check> {
  const own = books.calls.filter(({ campaign_id }) => campaign_id === campaignId);
  const rows: { figure: string; value: number }[] = await books
    .knex('campaign_rollups')
    .where({ campaign_id: campaignId })
    .groupBy('figure')
    .select('figure')
    .sum({ value: 'value' });
  const sums = new Map(rows.map(({ figure, value }) => [figure, Number(value)]));
  const sum = (figure: string) => sums.get(figure) ?? 0;
  const count = (is: (call: CallRow) => boolean) => own.filter(is).length;
  const met = own.filter(({ connected_at, amd }) => connected_at !== null && amd !== 'machine');
  const talkMs = met.reduce((all, call) => all + talkOf(call), 0);
  const outcomes = [...new Set(own.map(({ outcome }) => outcome))];
  const allOutcomes = [...sums].reduce((all, [name, n]) => (name.startsWith('outcome:') ? all + n : all), 0);
  const disposed = books.callEvents.filter(
    ({ call_id, event }) => event === 'disposed' && books.callOf.get(call_id)?.campaign_id === campaignId,
  ).length;
  const view = (await new DashboardStore(product.app.db).read(campaignId, clock.now()))!;
  const midnight = localTime(clock.now(), view.campaign.zone).startOf('day').toMillis();
  return {
    name: `figures of campaign ${campaignId} are the sum of its calls`,
    of: own.length,
    wrong: [
      ...same(
        'attempts',
        sum('attempts'),
        count(({ dialed_at }) => dialed_at !== null),
      ),
      ...outcomes.flatMap((name) =>
        same(
          `${name}`,
          sum(`outcome:${name}`),
          count(({ outcome }) => outcome === name),
        ),
      ),
      ...same('outcomes', allOutcomes, own.length),
      ...same('connected', sum('connected') + sum('connectedLate'), met.length),
      ...same(
        'abandoned',
        sum('abandoned'),
        count(({ abandoned_at }) => abandoned_at !== null),
      ),
      ...same('milliseconds of talk', sum('talkMs'), talkMs),
      ...same('dispositions', sum('disposed'), disposed),
      ...same(
        'attempts of the day on its dashboard',
        view.today.attempts,
        count(({ dialed_at }) => (dialed_at ?? 0) >= midnight),
      ),
      ...same('lines in use', Object.values(view.lines).reduce((all, n) => all + n, 0), 0), // prettier-ignore
    ],
  };
}

const talkOf = ({ connected_at, left_at, ended_at }: CallRow) =>
  talkMsOf({ connectedAt: connected_at, leftAt: left_at, endedAt: ended_at });

/** The days that agents see of themselves, against the talks of the firm on that day. */
async function ofAgents({ product, clock, shifts }: House, { knex }: Books): Promise<Check> {
  const store = new OwnFiguresStore(product.app);
  const midnight = localTime(clock.now(), 'UTC').startOf('day').toMillis();
  let calls = 0;
  for (const userId of shifts.flatMap(({ userIds }) => userIds))
    calls += (await store.today(userId, clock.now(), 'UTC')).calls;
  const talks = knex('agent_events')
    .where({ to_state: 'on-call' })
    .whereNot({ from_state: 'on-call' })
    .where('at', '>=', midnight)
    .distinct('user_id', 'call_id');
  const [row] = (await knex.from(talks.as('talks')).count({ n: '*' })) as { n: number }[];
  return {
    name: 'calls of agents’ own days are those of the firm',
    of: calls,
    wrong: same('calls', calls, Number(row!.n)),
  };
}
