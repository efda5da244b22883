import type { App } from '../../../core/app.ts';
import { createMachineErrorStore } from './machine-error-store.ts';
import { checksOf, leastChecks, type HeardByHour } from './machine-errors.ts';
import { weightedShare } from './weighted-share.ts';

/**
 * People who were hung up on, or left to a recorded message, as detection took them for machines: nobody is counted, as
 * nobody was there to hear them. Estimated from the calls that agents have checked, as Ofcom asks for it ("Revised
 * statement of policy on the persistent misuse of an electronic communications network or service", 2010, and since 2017
 * "Persistent misuse", annex 3: a reasoned estimate of false positives is part of the abandoned calls, and of the live
 * ones). By the letter of 16 CFR 310.4(b)(1)(iv) and 47 CFR 64.1200(a)(7) they are abandoned as well, but neither asks
 * for an estimate; so rule sets say for themselves whether they count.
 */
export interface HungUpOn {
  /** With the 95 % interval; null: too few checks to tell. */
  readonly people: { readonly estimate: number; readonly low: number; readonly high: number } | null;
  /** Calls within the window that were taken for machines and given to no agent. */
  readonly machines: number;
  /** Of which an agent has said who was there, and how many that takes. */
  readonly checks: number;
  readonly checksNeeded: number;
}

export interface DetectingCampaign {
  readonly id: number;
  readonly zone: string;
  /** Since when detection listens as it does now. */
  readonly amdSince: number | null;
}

/** What is older says nothing of how detection works now. */
export const sampledForMs = 30 * 86_400_000;
const freshForMs = 60_000;
/** For how long an estimate stands in for the next one. */
const standsInForMs = 600_000;

interface Kept {
  askedAt: number;
  asking: Promise<HungUpOn> | null;
  last: { readonly at: number; readonly found: HungUpOn } | null;
}

const isYounger = (at: number, ms: number, now: number): boolean => now >= at && now - at < ms;

/** One process's estimates, each looked at once a minute at the most. */
export function createHungUpOn(
  app: Pick<App, 'db'> & Partial<Pick<App, 'log'>>,
  store: Pick<ReturnType<typeof createMachineErrorStore>, 'heard'> = createMachineErrorStore(app),
) {
  const kept = new Map<string, Kept>();

  /** Over a campaign's rolling window. */
  async function of(campaign: DetectingCampaign, windowMs: number, now: number): Promise<HungUpOn> {
    const entry = entryOf(campaign, windowMs, now);
    const { last } = entry;
    if (last && isYounger(last.at, freshForMs, now)) return last.found;
    return ask(entry, campaign, windowMs, now);
  }

  /** The same for whom a call waits: the last estimate while the next one is made, or where it could not be made. */
  async function soon(campaign: DetectingCampaign, windowMs: number, now: number): Promise<HungUpOn> {
    const entry = entryOf(campaign, windowMs, now);
    const { last } = entry;
    if (!last || !isYounger(last.at, standsInForMs, now)) return of(campaign, windowMs, now);
    if (!isYounger(entry.askedAt, freshForMs, now))
      ask(entry, campaign, windowMs, now).catch((error: unknown) =>
        app.log?.debug({ campaign: campaign.id, err: error }, 'who was hung up on could not be estimated'),
      );
    return last.found;
  }

  function entryOf({ id, amdSince }: DetectingCampaign, windowMs: number, now: number): Kept {
    const key = `${id} ${windowMs} ${amdSince}`;
    const known = kept.get(key);
    if (known) return known;
    for (const [old, { askedAt }] of kept) if (now - askedAt >= standsInForMs) kept.delete(old);
    const entry: Kept = { askedAt: now, asking: null, last: null };
    kept.set(key, entry);
    return entry;
  }

  /** One look at a time, however many wait for it. */
  function ask(entry: Kept, campaign: DetectingCampaign, windowMs: number, now: number): Promise<HungUpOn> {
    if (entry.asking && isYounger(entry.askedAt, standsInForMs, now)) return entry.asking;
    const isLatest = () => entry.asking === asking;
    const asking = look(campaign, windowMs, now)
      .then((found) => {
        if (isLatest()) entry.last = { at: now, found };
        return found;
      })
      .finally(() => {
        if (isLatest()) entry.asking = null;
      });
    entry.askedAt = now;
    entry.asking = asking;
    return asking;
  }

  async function look({ id, zone, amdSince }: DetectingCampaign, windowMs: number, now: number) {
    const heard = (from: number) => store.heard(id, { from, until: now + 1, zone });
    const { machines, checked } = await heard(now - windowMs);
    if (machines === checked) return estimated(null, 0);
    const month = now - sampledForMs;
    const asNow = await heard(Math.max(amdSince ?? 0, month));
    // Since it was set otherwise too little is known: what it did before is the better guess.
    const sample = checksOf(asNow) >= leastChecks || !amdSince ? asNow : await heard(month);
    return estimated(sample, machines - checked);
  }

  return { of, soon };
}

export type HungUpEstimates = ReturnType<typeof createHungUpOn>;

/** `sample` of a time like that in which so many calls were taken for `machines` and checked by nobody; null: there were none. */
export function estimated(sample: HeardByHour | null, machines: number): HungUpOn {
  if (!sample)
    return { people: { estimate: 0, low: 0, high: 0 }, machines: 0, checks: 0, checksNeeded: leastChecks };
  const checks = checksOf(sample);
  const counted = { machines, checks, checksNeeded: leastChecks };
  if (checks < leastChecks) return { ...counted, people: null };
  const { rate, low, high } = weightedShare(
    (sample.hours ?? [sample]).map((hour) => ({
      ...{ calls: hour.machines - hour.checked, persons: hour.checkedPersons },
      machines: hour.checkedMachines,
    })),
  );
  return { ...counted, people: { estimate: machines * rate, low: machines * low, high: machines * high } };
}
