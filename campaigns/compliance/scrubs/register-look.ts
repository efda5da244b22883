import type { App } from '../../../core/app.ts';
import { dayMs, parseDay } from '../../../core/time/local-day.ts';
import type { Campaign } from '../../campaigns/campaign.ts';
import { createCampaignStore } from '../../campaigns/campaign-store.ts';
import { ruleSetNames } from '../lawful-cap.ts';
import { createRuleBook } from '../rulebook/rule-book.ts';
import type { RuleCatalogue } from '../rules/catalogue.ts';
import { solicits } from '../rules/facts.ts';
import { growsOld, registers, type RegisterGaps } from './registers.ts';
import { listCountryOf, type ScrubList } from './scrub-list.ts';
import { createScrubStore } from './scrub-store.ts';

const sampled = 200;

type Asked = Pick<Campaign, 'id' | 'ruleSet'>;

/** Whether the official lists are there that campaigns that sell have to be compared with. */
export function createRegisterLook(app: Pick<App, 'db' | 'bus' | 'clock'>) {
  const { knex } = app.db;
  const campaigns = createCampaignStore(app);
  const scrubs = createScrubStore(app);
  const book = createRuleBook(app);

  async function of(campaign: Asked): Promise<RegisterGaps> {
    return gapsOf([campaign]);
  }

  /** Of all campaigns that call, or could be started. */
  async function ofAll(): Promise<RegisterGaps> {
    return gapsOf((await campaigns.list()).filter(({ state }) => state !== 'finished'));
  }

  async function gapsOf(asked: readonly Asked[]): Promise<RegisterGaps> {
    const catalogue = await book.at(app.clock.now());
    const called = new Set<string>();
    for (const campaign of asked)
      if (sells(campaign, catalogue))
        for (const country of await countriesOf(campaign.id)) called.add(country);
    const lists = called.size === 0 ? [] : (await scrubs.active()).filter(({ kind }) => kind === 'national');
    const concerned = registers.filter(({ country }) => called.has(country));
    const oldest = (country: string) => Math.max(...lists.filter((list) => list.country === country).map(ageOf)); // prettier-ignore
    return {
      without: concerned.flatMap(({ country }) => (oldest(country) === -Infinity ? country : [])),
      old: concerned.flatMap((one) => (growsOld(one, oldest(one.country)) ? one.country : [])),
    };
  }

  const ageOf = ({ scrubbedOn }: ScrubList): number => Math.floor(app.clock.now() / dayMs) - parseDay(scrubbedOn); // prettier-ignore

  /** Where the first and the last of its customers have their numbers: with millions of leads not all are looked at. */
  async function countriesOf(campaignId: number): Promise<Set<string>> {
    const some = (direction: 'asc' | 'desc'): Promise<number[]> =>
      knex('leads').where({ campaign_id: campaignId }).orderBy('customer_id', direction).limit(sampled).pluck('customer_id'); // prettier-ignore
    const ids = [...new Set([...(await some('asc')), ...(await some('desc'))])];
    const numbers: string[] = await knex('customer_phones').whereIn('customer_id', ids).pluck('e164');
    return new Set(numbers.flatMap((e164) => listCountryOf(e164) ?? []));
  }

  return { of, ofAll };
}

/** Calls to collect or to ask questions are compared with no register. */
function sells({ ruleSet }: Asked, catalogue: RuleCatalogue): boolean {
  const kinds = ruleSetNames(ruleSet).flatMap((name) => catalogue.get(name)?.form.kind ?? []);
  return kinds.every(solicits);
}
