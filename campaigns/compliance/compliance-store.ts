import type { App } from '../../core/app.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { createDncStore } from '../dnc/dnc-store.ts';
import { bears } from '../dnc/dnc.ts';
import type { Abandonment } from './abandonment.ts';
import { createAbandonmentCounter } from './abandonment-counter.ts';
import { createHungUpOn } from './machine-errors/hung-up-on.ts';
import { consentFacts, type Consent } from './consents/consent.ts';
import { createConsentStore } from './consents/consent-store.ts';
import type { FactsLook, GateCampaign, GateFacts, KnownFacts } from './gate-facts.ts';
import { dialledAs, dialsByMachine, type GateRequest } from './gate.ts';
import { mayCountHungUpOn } from './lawful-cap.ts';
import { isByHand } from './overrides/override.ts';
import { createPartnerStore } from './partners/partner-store.ts';
import { createOverrideStore, overrideKey } from './overrides/override-store.ts';
import { createScrubIndex, type ScrubIndex } from './scrubs/scrub-index.ts';
import { createSuspensionStore } from './suspensions/suspension-store.ts';

const lookupBatch = 400;

interface PastCall {
  id: string;
  customer_id: number | null;
  e164: string;
  created_at: number;
  dialed_at: number | null;
  connected_at: number | null;
  ended_at: number | null;
  abandoned_at: number | null;
  category: string | null;
}
interface CampaignFacts {
  readonly campaign: GateCampaign;
  readonly abandonment: Abandonment | null;
  readonly lawAbandonments: ReadonlyMap<number, Abandonment> | null;
}
interface LeadRow {
  id: number;
  customer_id: number;
  state: string;
  reserved_from: string | null;
  attempts: number;
}
const leadColumns = ['id', 'customer_id', 'state', 'reserved_from', 'attempts'] as const;
interface CustomerRow {
  id: number;
  address_region: string | null;
  created_at: number;
}
const customerColumns = ['id', 'address_region', 'created_at'] as const;

/** Reads the gate's facts from the database: a fixed number of queries, however many requests. */
export function createGateFacts(
  app: Pick<App, 'db' | 'bus'> & Partial<Pick<App, 'log'>>,
  parts: { scrubs?: ScrubIndex } = {},
): GateFacts {
  const { knex } = app.db;
  const campaigns = createCampaignStore(app);
  const dnc = createDncStore(app);
  const abandonments = createAbandonmentCounter(app);
  const hungUpOn = createHungUpOn(app);
  const consents = createConsentStore(app);
  const suspensions = createSuspensionStore(app);
  const overrides = createOverrideStore(app);
  const partners = createPartnerStore(app);
  const scrubs = parts.scrubs ?? createScrubIndex(app);

  async function of(
    requests: readonly GateRequest[],
    now: number,
    look: FactsLook,
  ): Promise<(KnownFacts | null)[]> {
    const numbers = requests.map(({ e164 }) => e164);
    const ofNumbers = async () => ({
      entries: await dnc.entriesOf(numbers),
      official: await scrubs.lookUp(numbers),
      partnersOf: await partners.among(
        requests.flatMap(({ path, e164 }) => (path === 'transfer' ? e164 : [])),
      ),
      leave: await overrides.open(
        requests.filter(isByHand).map(({ e164 }) => e164),
        now,
        present(requests.map(({ callId }) => callId)),
      ),
    });
    const inForce = async () => ({
      suspended: await suspensions.active(now),
      campaignFacts: await factsOfCampaigns(requests, now, look),
    });
    // A few at once and no more: an answered call, for which somebody waits, needs connections as well.
    const [people, ofThem, force] = await Promise.all([
      peopleOf(requests, numbers, now - look.lookBackMs),
      ofNumbers(),
      inForce(),
    ]);
    const { leads, customers, customerOf, ledger, past } = people;
    const { entries, official, leave, partnersOf } = ofThem;
    const { suspended, campaignFacts } = force;

    return requests.map((request, index) => {
      const campaign = request.campaignId === null ? null : campaignFacts.get(request.campaignId);
      const lead = request.leadId == null ? null : leads.get(request.leadId);
      const customerId = customerOf(request);
      const customer = customerId === null ? null : customers.get(customerId);
      if (campaign === undefined || lead === undefined || customer === undefined) return null;
      const lines = ledger.of(customerId, request.e164);
      const written = consentFacts(lines, { e164: request.e164, customerId, at: now });
      return {
        campaign: campaign?.campaign ?? null,
        customerId,
        addressRegion: customer?.address_region ?? null,
        consents: written.kinds,
        ledger: written,
        scrub: official[index]!,
        suspensions: suspended,
        customerSince: customer?.created_at ?? null,
        override: leave.get(overrideKey(request)) ?? null,
        partner: (request.path === 'transfer' && partnersOf.get(request.e164)) || null,
        lead: lead && {
          attempts: lead.attempts,
          dialing: lead.state === 'dialing',
          promised: lead.state === 'callback' || lead.reserved_from === 'callback',
        },
        dnc: (entries.get(request.e164) ?? []).find((entry) => bears(entry, request.campaignId, now)) ?? null,
        abandonment: campaign?.abandonment ?? null,
        lawAbandonments: campaign?.lawAbandonments ?? null,
        ...historyOf(past, request, customerId),
      };
    });
  }

  /** Leads, customers, and what is on record about them. */
  async function peopleOf(requests: readonly GateRequest[], numbers: readonly string[], since: number) {
    const unnamed = ({ leadId, customerId }: GateRequest) => leadId == null && customerId == null;
    const [leads, owners] = await Promise.all([
      byId<LeadRow>('leads', present(requests.map(({ leadId }) => leadId)), leadColumns),
      ownersOf(requests.filter(unnamed).map(({ e164 }) => e164)),
    ]);
    const customerOf = (request: GateRequest): number | null =>
      request.customerId ?? leads.get(request.leadId ?? 0)?.customer_id ?? owners.get(request.e164) ?? null;
    const customers = await byId<CustomerRow>('customers', present(requests.map(customerOf)), customerColumns); // prettier-ignore
    const ids = [...customers.keys()];
    const [lines, past] = await Promise.all([consents.linesOf(ids, numbers), pastCalls(ids, numbers, since)]);
    return { leads, customers, customerOf, ledger: groupLines(lines), past };
  }

  /** The customer a bare number belongs to; none where several share it, as nobody can say whom it will be. */
  async function ownersOf(numbers: readonly string[]): Promise<Map<string, number>> {
    const owners = new Map<string, number>();
    const shared = new Set<string>();
    for (const part of batches(present(numbers))) {
      const rows = (await knex('customer_phones').whereIn('e164', part).select('e164', 'customer_id')) as {
        e164: string;
        customer_id: number;
      }[];
      for (const row of rows) {
        if (owners.has(row.e164)) shared.add(row.e164);
        owners.set(row.e164, row.customer_id);
      }
    }
    for (const e164 of shared) owners.delete(e164);
    return owners;
  }

  async function byId<Row extends { id: number }>(
    table: string,
    ids: readonly number[],
    columns: readonly (keyof Row & string)[],
  ): Promise<Map<number, Row>> {
    const found = new Map<number, Row>();
    for (const part of batches(ids)) {
      const rows = (await knex(table)
        .whereIn('id', part)
        .select([...columns])) as Row[];
      for (const row of rows) found.set(row.id, row);
    }
    return found;
  }

  /** Calls of the customers or to the numbers, by call id; those that were never dialled left out. */
  async function pastCalls(
    customerIds: readonly number[],
    numbers: readonly string[],
    since: number,
  ): Promise<PastCall[]> {
    const calls = new Map<string, PastCall>();
    const collect = async (column: string, values: readonly (string | number)[]): Promise<void> => {
      for (const part of batches(values)) {
        const rows = (await knex('calls')
          .leftJoin('dispositions', 'dispositions.id', 'calls.disposition_id')
          .whereIn(`calls.${column}`, part as string[])
          .where('calls.created_at', '>', since)
          .where('calls.direction', 'out')
          .where((dialled) => dialled.whereNotNull('calls.dialed_at').orWhereNot('calls.state', 'ended'))
          .select(
            'calls.id',
            'calls.customer_id',
            'calls.e164',
            'calls.created_at',
            'calls.dialed_at',
            'calls.connected_at',
            'calls.ended_at',
            'calls.abandoned_at',
            'dispositions.category',
          )) as PastCall[];
        for (const row of rows) calls.set(row.id, row);
      }
    };
    await collect('customer_id', customerIds);
    await collect('e164', numbers);
    return [...calls.values()];
  }

  async function factsOfCampaigns(
    requests: readonly GateRequest[],
    now: number,
    { abandonWindows, get, placed }: FactsLook,
  ): Promise<Map<number, CampaignFacts>> {
    const found = new Map<number, CampaignFacts>();
    for (const id of new Set(present(requests.map((request) => request.campaignId)))) {
      const campaign = await campaigns.get(id);
      if (!campaign) continue;
      const counted = requests.some(
        ({ campaignId, path }) => campaignId === id && dialsByMachine(dialledAs(path, campaign)),
      );
      const isAsked = !get || !placed || mayCountHungUpOn(campaign.ruleSet, { get, placed });
      const law = new Map<number, Abandonment>();
      // The longest first: what it counts the others need no more.
      const over = async (window: number): Promise<Abandonment> => {
        const counts = await abandonments.of(id, window, now);
        if (!isAsked) return counts;
        const { people } = await hungUpOn.soon(campaign, window, now);
        return people && people.estimate > 0 ? { ...counts, hungUpOn: people.estimate } : counts;
      };
      if (counted) for (const window of abandonWindows) law.set(window, await over(window));
      const abandonment = counted ? await over(campaign.abandonWindowMs) : null;
      found.set(id, { campaign, lawAbandonments: counted ? law : null, abandonment });
    }
    return found;
  }

  return { of };
}

function historyOf(
  calls: readonly PastCall[],
  request: GateRequest,
  customerId: number | null,
): Pick<KnownFacts, 'attempts' | 'numberAttempts' | 'conversationAt' | 'refusedAt' | 'lastAbandonedAt'> {
  const mine = calls.filter(
    (call) =>
      call.id !== request.callId &&
      (call.e164 === request.e164 || (customerId !== null && call.customer_id === customerId)),
  );
  const attemptedAt = (call: PastCall): number => call.dialed_at ?? call.created_at;
  const endedAt = (call: PastCall): number => call.ended_at ?? call.created_at;
  return {
    attempts: mine.map(attemptedAt),
    numberAttempts: mine.filter((call) => call.e164 === request.e164).map(attemptedAt),
    conversationAt: latest(mine.map((call) => call.connected_at)),
    refusedAt: latest(mine.map((call) => (call.category === 'refused' ? endedAt(call) : null))),
    // Also of a person whom an agent met too late, and talked to: the call was an abandoned one.
    lastAbandonedAt: latest(mine.map((call) => (call.abandoned_at === null ? null : Math.max(call.abandoned_at, call.ended_at ?? 0)))), // prettier-ignore
  };
}

/** Lines by whom they name, and by their number whomever they name. */
function groupLines(lines: readonly Consent[]) {
  const byCustomer = new Map<number, Consent[]>();
  const byNumber = new Map<string, Consent[]>();
  for (const line of lines) {
    if (line.customerId !== null)
      byCustomer.set(line.customerId, [...(byCustomer.get(line.customerId) ?? []), line]);
    if (line.e164 !== null) byNumber.set(line.e164, [...(byNumber.get(line.e164) ?? []), line]);
  }
  return {
    of: (customerId: number | null, e164: string): readonly Consent[] => [
      ...(customerId === null ? [] : (byCustomer.get(customerId) ?? [])),
      ...(byNumber.get(e164) ?? []).filter((line) => customerId === null || line.customerId !== customerId),
    ],
  };
}

function latest(instants: readonly (number | null)[]): number | undefined {
  const known = present(instants);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function present<T>(values: readonly (T | null | undefined)[]): T[] {
  return [...new Set(values.filter((value): value is T => value != null))];
}

function* batches<T>(values: readonly T[]): Generator<T[]> {
  for (let from = 0; from < values.length; from += lookupBatch) yield values.slice(from, from + lookupBatch);
}
