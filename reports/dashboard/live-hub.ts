import type { App } from '../../core/app.ts';
import { createLawfulCaps } from '../../campaigns/compliance/index.ts';
import type { CallTransition, PacingView } from '../../dialer/protocol.ts';
import type { CampaignLive } from './campaign-live.ts';
import { DashboardStore } from './dashboard-store.ts';

type Listener = (view: CampaignLive) => void;

interface Watched {
  readonly listeners: Set<Listener>;
  freshUntil: number;
  readAt: number;
  busy: boolean;
}

/** A view is read at most this often for a campaign, whatever the number of viewers and of events. */
const refreshMs = 1_000;
const askDialerMs = 1_000;
/** Rollups come a moment after the events, so reading goes on for so long after the last one. */
const settleMs = 3_000;
/** Read this often also where nothing was told: a dialer that is gone, a worker that is late and midnight tell nothing. */
const restMs = 3_000;

/**
 * Live views of campaigns for any number of viewers: one reading a second for each watched campaign while something
 * happens in it, and one every few seconds while nothing seems to.
 */
export class LiveHub {
  readonly #app: App;
  readonly #store: DashboardStore;
  readonly #watched = new Map<number, Watched>();
  readonly #pacing = new Map<number, PacingView>();
  /** Dialled by several dialers, each of which tells of its own part only: they are asked. */
  readonly #shared = new Set<number>();
  readonly #undo: (() => void)[];

  constructor(app: App) {
    this.#app = app;
    this.#store = new DashboardStore(app.db, {}, createLawfulCaps(app));
    const { bus } = app;
    this.#undo = [
      bus.subscribe('call.transition', (event) => this.#touch((event as CallTransition).campaignId)),
      // An agent may serve several campaigns.
      bus.subscribe('agent.transition', () => this.#touchAll()),
      bus.subscribe('campaign.changed', (event) => this.#touch((event as { campaignId: number }).campaignId)),
      bus.subscribe('campaign.pacing.*', (event) => this.#paced(event as PacingView)),
      bus.onReconnect(() => this.#touchAll()),
      app.clock.every(refreshMs, () => this.#refresh()),
    ];
  }

  /** The view as it is now; null when there is no such campaign. */
  async view(campaignId: number): Promise<CampaignLive | null> {
    const view = await this.#store.read(campaignId, this.#app.clock.now());
    return view && { ...view, pacing: await this.#pacingOf(campaignId) };
  }

  watch(campaignId: number, listener: Listener): () => void {
    let entry = this.#watched.get(campaignId);
    if (!entry)
      this.#watched.set(
        campaignId,
        (entry = {
          listeners: new Set(),
          freshUntil: this.#settled(),
          readAt: this.#app.clock.now(),
          busy: false,
        }),
      );
    entry.listeners.add(listener);
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size === 0) this.#watched.delete(campaignId);
    };
  }

  close(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#watched.clear();
  }

  #paced(view: PacingView): void {
    const known = this.#pacing.get(view.campaignId);
    if (known && known.dialerId !== view.dialerId) this.#shared.add(view.campaignId);
    this.#pacing.set(view.campaignId, view);
    this.#touch(view.campaignId);
  }

  #touch(campaignId: number | null): void {
    const entry = campaignId === null ? undefined : this.#watched.get(campaignId);
    if (entry) entry.freshUntil = this.#settled();
  }

  #touchAll(): void {
    for (const entry of this.#watched.values()) entry.freshUntil = this.#settled();
  }

  #settled(): number {
    return this.#app.clock.now() + settleMs;
  }

  #refresh(): void {
    const now = this.#app.clock.now();
    for (const [campaignId, entry] of this.#watched) {
      if (entry.busy || (now > entry.freshUntil && now - entry.readAt < restMs)) continue;
      entry.busy = true;
      entry.readAt = now;
      this.view(campaignId)
        .then((view) => {
          if (view) for (const listener of entry.listeners) listener(view);
        })
        .catch((error: unknown) => {
          entry.freshUntil = this.#settled();
          this.#app.log.warn({ err: error, campaignId }, 'dashboard: view could not be read, will try again');
        })
        .finally(() => (entry.busy = false));
    }
  }

  /** What the dialer said last, if it was lately; else it is asked. Null when it does not answer. */
  async #pacingOf(campaignId: number): Promise<PacingView | null> {
    const known = this.#pacing.get(campaignId);
    const isWhole = known && !this.#shared.has(campaignId);
    if (isWhole && this.#app.clock.now() - known.at < 3_000) return known;
    try {
      const view = await this.#app.bus.request<PacingView>(
        'campaign.pacing',
        { campaignId },
        { timeoutMs: askDialerMs },
      );
      this.#pacing.set(campaignId, view);
      return view;
    } catch {
      this.#pacing.delete(campaignId);
      return null;
    }
  }
}
