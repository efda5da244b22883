import { localTime } from '../../core/time/local-time.ts';
import type { App } from '../../core/app.ts';
import { HttpProblem, type RequestContext } from '../../core/http/index.ts';
import { formatDate } from '../../core/i18n/index.ts';
import { createCampaignStore } from '../../campaigns/campaigns/index.ts';
import { createCallingTimes } from '../../campaigns/compliance/index.ts';
import { createCustomerStore } from '../../crm/index.ts';
import { momentOf } from './commands.ts';
import type { OwnCall } from './own-call.ts';

/** A time that a customer asks for, looked at before it is promised. */
export interface CallbackLook {
  /** Epoch ms. */
  at: number;
  /** The same moment on both clocks. */
  theirs: string;
  yours: string;
  /** Both clocks show the same. */
  same: boolean;
  /** What stands against it, in words. */
  problem: string;
  /** The next time that can be promised instead, on the customer's clock. */
  next: { date: string; time: string; label: string } | null;
}

export interface CallbackSubject {
  campaignId: number | null;
  customerId: number | null;
  e164: string;
}

/** Whether a callback can be promised for a time: not past, and open by law and campaign where the customer is. */
export function createCallbackTimes(app: App, ownCall: OwnCall) {
  const campaigns = createCampaignStore(app);
  const customers = createCustomerStore(app);
  const times = createCallingTimes(app);

  async function subjectOf(userId: number, callId: string): Promise<CallbackSubject | null> {
    const live = await ownCall.live(userId, callId);
    if (live) return live;
    const stored = await ownCall.stored(userId, callId);
    return (
      stored && { campaignId: stored.campaign_id, customerId: stored.customer_id, e164: stored.e164 ?? '' }
    );
  }

  async function opening(subject: CallbackSubject, dueAt: number) {
    const campaign = subject.campaignId === null ? null : await campaigns.get(subject.campaignId);
    if (!campaign) return { open: true, opensAt: dueAt };
    const customer = subject.customerId === null ? null : await customers.get(subject.customerId);
    return times.at(campaign, subject.e164, customer?.addressRegion ?? null, dueAt);
  }

  async function look(
    context: RequestContext,
    userId: number,
    asked: { callId: string; date: string; time: string; zone: string; e164?: string },
  ): Promise<CallbackLook> {
    const { zone } = asked;
    const dueAt = momentOf(asked.date, asked.time, zone);
    const both = {
      at: dueAt,
      theirs: inZone(context, dueAt, zone),
      yours: formatDate(dueAt, 'datetime', context),
      same: offsetAt(dueAt, zone) === offsetAt(dueAt, context.zone),
    };
    if (dueAt <= app.clock.now())
      return { ...both, problem: context.t('workspace:callback.past'), next: null };
    const subject = await subjectOf(userId, asked.callId);
    if (!subject) return { ...both, problem: '', next: null };
    const { open, opensAt } = await opening({ ...subject, e164: asked.e164 ?? subject.e164 }, dueAt);
    if (open) return { ...both, problem: '', next: null };
    if (opensAt === null) return { ...both, problem: context.t('workspace:callback.neverOpen'), next: null };
    const there = localTime(opensAt, zone);
    return {
      ...both,
      problem: context.t('workspace:callback.closed', { time: both.theirs }),
      next: {
        date: there.toISODate()!,
        time: there.toFormat('HH:mm'),
        label: context.t('workspace:callback.takeNext', { time: inZone(context, opensAt, zone) }),
      },
    };
  }

  /** @throws HttpProblem 422 `callback-not-ahead`, `callback-outside-hours` */
  async function mustBeOpen(
    userId: number,
    callId: string,
    callback: { dueAt: number; e164?: string },
  ): Promise<void> {
    if (callback.dueAt <= app.clock.now()) throw new HttpProblem(422, 'callback-not-ahead');
    const subject = await subjectOf(userId, callId);
    if (subject) await mustBeOpenFor({ ...subject, e164: callback.e164 ?? subject.e164 }, callback.dueAt);
  }

  /** @throws HttpProblem 422 `callback-outside-hours` */
  async function mustBeOpenFor(subject: CallbackSubject, dueAt: number): Promise<void> {
    if (!(await opening(subject, dueAt)).open) throw new HttpProblem(422, 'callback-outside-hours');
  }

  return { look, mustBeOpen, mustBeOpenFor };
}

export type CallbackTimes = ReturnType<typeof createCallbackTimes>;

const offsetAt = (at: number, zone: string): number => localTime(at, zone).offset;

function inZone(context: RequestContext, at: number, zone: string): string {
  return formatDate(at, 'datetime', context, zone);
}
