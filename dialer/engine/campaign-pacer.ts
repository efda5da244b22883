import {
  createPacer,
  type Pacer,
  type PacingDecision,
  type PacingEvent,
  type PacingSettings,
  type PastAnswers,
} from '../pacing/index.ts';
import { createHungUpOn } from '../../campaigns/compliance/index.ts';
import { closesAt } from './closing-time.ts';
import type { DialerContext } from './context.ts';
import { pacerWithAccount, pacerWithHistory } from './pacing-history.ts';
import type { RosterEntry } from './roster.ts';

export type PacerFactory = (settings: PacingSettings, past: readonly PastAnswers[]) => Pacer;

const learnAgainMs = 1_000;
/** As many leads of one dialer do not bind its account any more, however rarely they are answered. */
const manyLeads = 10_000;
const countAgainMs = 15_000;

export interface CampaignPacerParts {
  readonly makePacer?: PacerFactory;
  /** What to believe of each agent of the campaign now. */
  agents(): Iterable<PacingEvent>;
  /** A pacer has learnt the past and is at work. */
  learnt(): void;
}

/**
 * The pacer of a running campaign. It begins with what the database tells of the campaign, after a restart as after a change
 * of its settings, so that neither opens a new account of abandoned calls.
 */
export class CampaignPacer {
  readonly #ctx: DialerContext;
  readonly #parts: CampaignPacerParts;
  readonly #make: PacerFactory;
  #entry: RosterEntry;
  #settings = '';
  /** Null until it has learnt what happened before: nothing is dialled. */
  #pacer: Pacer | null = null;
  /** What happens while a pacer learns; null when none does. */
  #meanwhile: PacingEvent[] | null = null;
  #lessons = 0;
  #stopped = false;
  /** Until it is known, nothing is spent ahead of what they earn. */
  #leadsLeft = 0;
  /** People hung up on as machines, where the law counts them. */
  #hungUpOn = 0;
  readonly #estimates: ReturnType<typeof createHungUpOn>;
  #countedAt = -Infinity;

  constructor(ctx: DialerContext, entry: RosterEntry, parts: CampaignPacerParts) {
    this.#ctx = ctx;
    this.#parts = parts;
    this.#make = parts.makePacer ?? createPacer;
    this.#estimates = createHungUpOn(ctx.app);
    this.#entry = entry;
    this.update(entry);
  }

  /** The campaign as it is now. A changed setting makes a new pacer; the old one dials on until it has learnt. */
  update(entry: RosterEntry): void {
    this.#entry = entry;
    const settings = JSON.stringify(pacingSettings(entry));
    if (settings === this.#settings) return;
    this.#settings = settings;
    void this.#learn(pacerWithHistory);
  }

  observe(event: PacingEvent): void {
    this.#pacer?.observe(event);
    this.#meanwhile?.push(event);
  }

  /** Null while there is no pacer. One that fails is made anew with its account and learns the rest again. */
  decide(now: number, limits: { lines: number; leads: number }): PacingDecision | null {
    if (!this.#pacer) return null;
    if (now - this.#countedAt >= countAgainMs) {
      this.#countedAt = now;
      void this.#count(now);
    }
    try {
      return this.#pacer.decide(now, {
        ...limits,
        leadsLeft: this.#leadsLeft,
        hungUpOn: this.#hungUpOn,
        closesAt: closesAt(this.#entry.campaign, now),
      });
    } catch (error) {
      const campaign = this.#entry.campaign.id;
      this.#ctx.app.log.error({ campaign, err: error }, 'pacing failed; it begins anew');
      this.#pacer = null;
      void this.#learn(pacerWithAccount);
      return null;
    }
  }

  /**
   * Its part of what is known of the whole campaign. Each dialer that serves it spends ahead by itself, and keeps the
   * account of its own calls: by all that is left, they would spend it as often as they are.
   */
  async #count(now: number): Promise<void> {
    const { stores, app } = this.#ctx;
    const { campaign, countsHungUpOn } = this.#entry;
    try {
      const serving = await stores.pacingHistory.dialersServing(campaign.id);
      const most = manyLeads * serving;
      const leads = await stores.leads.openUpTo(campaign.id, most);
      this.#leadsLeft = leads < most ? leads / serving : Infinity;
      const estimate = countsHungUpOn
        ? await this.#estimates.of(campaign, campaign.abandonWindowMs, now)
        : null;
      this.#hungUpOn = (estimate?.people?.estimate ?? 0) / serving;
    } catch (error) {
      app.log.debug({ campaign: campaign.id, err: error }, 'leads could not be counted');
    }
  }

  async #learn(from: typeof pacerWithHistory): Promise<void> {
    const { journal, stores, app } = this.#ctx;
    const { campaign, agentIds } = this.#entry;
    const lesson = ++this.#lessons;
    const isWanted = (): boolean => lesson === this.#lessons && !this.#stopped;
    this.#meanwhile = [];
    try {
      await journal.flushed();
      const settings = pacingSettings(this.#entry);
      const pacer = await from(
        stores.pacingHistory,
        { id: campaign.id, abandonWindowMs: campaign.abandonWindowMs, agentIds: [...agentIds] },
        app.clock.now(),
        (past) => this.#make(settings, past),
      );
      if (!isWanted()) return;
      for (const event of this.#meanwhile) pacer.observe(event);
      for (const event of this.#parts.agents()) pacer.observe(event);
      this.#meanwhile = null;
      this.#pacer = pacer;
      this.#parts.learnt();
    } catch (error) {
      if (!isWanted()) return;
      app.log.warn({ campaign: campaign.id, err: error }, 'pacing could not learn the past; it tries again');
      app.clock.after(learnAgainMs, () => {
        if (isWanted()) void this.#learn(from);
      });
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}

function pacingSettings({ campaign }: RosterEntry): PacingSettings {
  const { abandonCap, abandonWindowMs, answerGraceMs, ringTimeoutMs, maxLinesPerAgent, powerRatio } =
    campaign;
  return {
    mode: campaign.mode === 'preview' ? 'progressive' : campaign.mode,
    abandonCap,
    abandonWindowMs,
    answerGraceMs,
    ringTimeoutMs,
    maxLinesPerAgent,
    powerRatio,
  };
}
