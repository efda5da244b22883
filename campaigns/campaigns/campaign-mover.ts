import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { createAuditor } from '../../core/http/index.ts';
import { joinSentences } from '../../core/i18n/index.ts';
import { createDueAgain } from '../leads/due-again.ts';
import { createCampaignFacts } from './campaign-facts.ts';
import { createCampaignStore } from './campaign-store.ts';
import type { Campaign, CampaignEvent } from './campaign.ts';
import { blocksStart } from './readiness.ts';

const actions: Readonly<Record<CampaignEvent, string>> = {
  start: 'campaign.started',
  pause: 'campaign.paused',
  stop: 'campaign.stopped',
  finish: 'campaign.finished',
};

/** Why it was not done. Words in `campaigns:refusals.<code>`. */
export interface MoveRefused {
  readonly code: 'campaign-not-ready' | 'campaign-state';
  readonly details: Record<string, string>;
}

/** Starts, pauses and stops campaigns for whoever asks, and keeps in the audit who did. Null: it was done. */
export function createCampaignMover(app: App) {
  const store = createCampaignStore(app);
  const facts = createCampaignFacts(app);
  const dueAgain = createDueAgain(app);
  const record = createAuditor(app, 'campaigns');

  return async (req: Request, campaign: Campaign, event: CampaignEvent): Promise<MoveRefused | null> => {
    const { t, locale } = req.context;
    if (event === 'start') {
      const { missing } = await facts.picture(campaign);
      if (blocksStart(missing)) {
        const what = joinSentences(
          missing.filter(({ level }) => level === 'blocks').map(({ code }) => t(`campaigns:missing.${code}`)),
          locale,
        );
        return { code: 'campaign-not-ready', details: { what } };
      }
    }
    const moved = await store.transition(campaign.id, event, app.clock.now(), ({ from, to }, trx) =>
      record(req, actions[event], campaign.id, { before: { state: from }, after: { state: to } }, trx),
    );
    if (!moved.moved) {
      const state = t(`campaigns:states.${moved.reason === 'gone' ? 'stopped' : moved.state}`);
      return { code: 'campaign-state', details: { state } };
    }
    // Rules may have changed while it did not run.
    if (event === 'start') await dueAgain.apply(campaign.id);
    return null;
  };
}
